// A broken answer must break where a real one does: no response at all, or a response whose body cannot be read. The
// codes are those that Node's own `fetch` puts into the cause.

import { describe, expect, it } from 'vitest';
import { countedText, failingResponse } from './wire-response.ts';

const intact = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: '{"id":"ch_1","amount":500}',
};

describe('failing responses', () => {
  it.each([
    ['refused', 'ECONNREFUSED'],
    ['dns', 'ENOTFOUND'],
    ['reset', 'ECONNRESET'],
  ] as const)('%s ends in an error without a code of its own', (failure, code) => {
    let thrown: unknown;
    try {
      failingResponse(failure, intact);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    expect(thrown).not.toHaveProperty('code');
    expect(thrown).toHaveProperty('cause.code', code);
  });

  it('cut: the headers come, and the body breaks off with the socket’s error', async () => {
    const response = failingResponse('cut', intact);
    expect(response.status).toBe(200);
    const error = await response.text().catch((reason: unknown) => reason);
    expect(error).toHaveProperty('cause.code', 'UND_ERR_SOCKET');
  });

  it('malformed: the whole body comes and is no JSON', async () => {
    for (const answered of [intact, { ...intact, body: '' }, undefined]) {
      const text = await failingResponse('malformed', answered).text();
      expect(() => JSON.parse(text)).toThrow(SyntaxError);
    }
  });
});

describe('counted text', () => {
  it('is counted while it is read, and no longer, whether it could be read or not', async () => {
    const outside = { entered: 0 };
    const read = countedText(new Response('x'), outside).text();
    expect(outside.entered).toBe(1);
    expect(await read).toBe('x');
    expect(outside.entered).toBe(0);
    const broken = countedText(failingResponse('cut', intact), outside).text();
    expect(outside.entered).toBe(1);
    await expect(broken).rejects.toThrow(TypeError);
    expect(outside.entered).toBe(0);
  });
});
