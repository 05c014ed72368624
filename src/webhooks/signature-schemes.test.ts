// Convinces by what a sender can rightly vary, which is accepted, next to what an attacker or a careless proxy can vary, which
// is not: the time, the list of signatures, and where the signed parts begin and end.

import { describe, expect, it } from 'vitest';
import { ValidationError, WebhookReplayError, WebhookSignatureError } from '../errors/payment-error.ts';
import { hmacSha256 } from './hmac.ts';
import type { WebhookScheme } from './schemes.ts';
import { body, nowS, refusal, signed, verifier } from './testing.ts';

describe.each(['stripe', 'standard'] as const)('freshness under %s', (scheme) => {
  it('ends a tolerance after the signature, to the second, and begins a skew before it', () => {
    const age = (ms: number) => refusal(scheme, signed(scheme), { atMs: nowS * 1_000 + ms });
    const fresh = { scheme, signedAtMs: nowS * 1_000 };
    for (const ms of [0, 300_000, 300_999, -60_000]) expect(age(ms)).toMatchObject(fresh);
    for (const ms of [301_000, -60_001, -1e12]) expect(age(ms)).toBeInstanceOf(WebhookReplayError);
    expect(
      refusal(scheme, signed(scheme), { atMs: nowS * 1_000 + 2_000, toleranceMs: 1_000 }),
    ).toBeInstanceOf(WebhookReplayError);
    expect(refusal(scheme, signed(scheme), { atMs: nowS * 1_000 - 1, futureSkewMs: 0 })).toBeInstanceOf(
      WebhookReplayError,
    );
  });

  it('is judged of genuine deliveries only', () => {
    const stale = { atMs: nowS * 1_000 + 1e9 };
    expect(refusal(scheme, signed(scheme, { secret: `whsec_${'A'.repeat(32)}` }), stale)).toBeInstanceOf(
      WebhookSignatureError,
    );
  });

  it('cannot be had without digits, even with a signature over what stands there', () => {
    const secret = `whsec_${'A'.repeat(32)}`;
    const secretBytes = scheme === 'stripe' ? Buffer.from(secret) : Buffer.alloc(24);
    const over = (time: string): Record<string, string> => {
      const digest = hmacSha256(secretBytes)(scheme === 'stripe' ? `${time}.` : `msg_1.${time}.`, body);
      if (scheme === 'stripe') return { 'stripe-signature': `t=${time},v1=${digest.toString('hex')}` };
      return {
        'webhook-id': 'msg_1',
        'webhook-timestamp': time,
        'webhook-signature': `v1,${digest.toString('base64')}`,
      };
    };
    const secrets = [secret];
    expect(refusal(scheme, over(`${nowS}`), { secrets })).toMatchObject({ scheme });
    for (const time of [
      '',
      '-1',
      '1e9',
      `${nowS}.0`,
      `0x${nowS}`,
      `${nowS} 0`,
      `${nowS}x`,
      '9'.repeat(13),
      'NaN',
      '1 700 000 000',
    ]) {
      expect(refusal(scheme, over(time), { secrets, toleranceMs: 1e15 }), time).toBeInstanceOf(
        WebhookSignatureError,
      );
    }
  });
});

describe('signatures of a rotation', () => {
  const good = (scheme: WebhookScheme, name: string) => signed(scheme)[name] ?? '';

  it('count wherever the good one stands, whatever the others look like', () => {
    const [, value] = good('stripe', 'stripe-signature').split(',v1=');
    const others = ['v1=', 'v1=00', `v1=${'0'.repeat(64)}`, 'v0=x', 'v1=zz', 'x', 'v1=A=B', ''];
    for (const other of others) {
      for (const list of [`${other},v1=${value}`, `v1=${value},${other}`]) {
        expect(refusal('stripe', { 'stripe-signature': `t=${nowS},${list}` }), list).toMatchObject({
          scheme: 'stripe',
        });
      }
    }
    const standard = good('standard', 'webhook-signature');
    for (const other of ['v1,', 'v1,AAAA', `v1,${'A'.repeat(43)}=`, 'v1a,xyz', 'v2,abc']) {
      for (const list of [`${other} ${standard}`, `${standard} ${other}`]) {
        const headers = { ...signed('standard'), 'webhook-signature': list };
        expect(refusal('standard', headers), list).toMatchObject({ scheme: 'standard' });
      }
    }
  });

  it('are refused without a time, even over the body alone', () => {
    const hub = signed('github', { secret: 'whsec_stripe' })['x-hub-signature-256'] ?? '';
    const alone = { 'stripe-signature': hub.replace('sha256', 'v1') };
    expect(refusal('stripe', alone)).toBeInstanceOf(WebhookSignatureError);
  });

  it('are refused where none of the known version is among them', () => {
    const [, value] = good('stripe', 'stripe-signature').split(',v1=');
    for (const list of [
      `t=${nowS}`,
      `t=${nowS},v0=${value}`,
      `v1=${value}`,
      `t=${nowS},t=${nowS},v1=${value}`,
    ]) {
      expect(refusal('stripe', { 'stripe-signature': list }), list).toBeInstanceOf(WebhookSignatureError);
    }
    const standard = good('standard', 'webhook-signature');
    for (const list of [
      standard.replace('v1', 'v1a'),
      standard.replace('v1,', ''),
      standard.replace('v1,', 'v1,,'),
    ]) {
      expect(refusal('standard', { ...signed('standard'), 'webhook-signature': list }), list).toBeInstanceOf(
        WebhookSignatureError,
      );
    }
    const github = good('github', 'x-hub-signature-256');
    for (const one of [github.replace('sha256=', 'sha1='), github.toUpperCase(), github.slice(0, -2)]) {
      expect(refusal('github', { 'x-hub-signature-256': one })).toBeInstanceOf(WebhookSignatureError);
    }
  });

  it('are bounded in number', () => {
    const [, value] = good('stripe', 'stripe-signature').split(',v1=');
    const many = (count: number) => ({
      'stripe-signature': `t=${nowS},${'v1=00,'.repeat(count - 2)}v1=${value}`,
    });
    expect(refusal('stripe', many(32))).toMatchObject({ scheme: 'stripe' });
    expect(refusal('stripe', many(33))).toBeInstanceOf(WebhookSignatureError);
  });

  it('cannot be moved to another id and body by a full stop in the id', () => {
    const bytes = new TextEncoder().encode('5.7');
    const headers = signed('standard', { id: 'msg', body: bytes });
    const moved = { ...headers, 'webhook-id': `msg.${nowS}`, 'webhook-timestamp': '5' };
    expect(() => verifier('standard', { atMs: 5_000 }).verify(new TextEncoder().encode('7'), moved)).toThrow(
      WebhookSignatureError,
    );
    expect(() => signed('standard', { id: 'a.b' })).toThrow(ValidationError);
  });

  it('of GitHub cover neither id nor time', () => {
    const headers = { ...signed('github'), 'x-github-delivery': 'another' };
    expect(verifier('github', { atMs: 9e15 }).verify(body, headers)).toEqual({
      scheme: 'github',
      id: 'another',
    });
    const alone = signed('github')['x-hub-signature-256'];
    expect(refusal('github', { 'x-hub-signature-256': alone })).toEqual({ scheme: 'github' });
  });
});
