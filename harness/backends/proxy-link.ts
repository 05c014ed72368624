// One connection through the faulty proxy. It knows no protocol but when a reply ends: one operation is in flight at a
// time, so what the client sends next is the next request, and what comes back is its reply.

import type { Socket } from 'node:net';
import { laneTo } from './lane.ts';
import type { ProxyPlan } from './proxy-act.ts';
import { type Protocol, replyEnd } from './reply-end.ts';

/** See {@link proxyLink}. */
export interface ProxyLink {
  /** Does `plan` to the next request; calls `onStruck` when that comes. */
  arm(plan: ProxyPlan, onStruck: () => void): void;
  /** Ends both sides at once, as a reset. */
  cut(): void;
}

/** The two ends of one connection, and what is spoken. */
export interface LinkEnds {
  readonly client: Socket;
  readonly server: Socket;
  readonly protocol: Protocol;
}

interface Strike {
  readonly plan: ProxyPlan;
  readonly isComplete: (chunk: Buffer) => boolean;
  /** What has come of a reply that shall not arrive as it is. */
  readonly reply: Buffer[];
  answered: boolean;
}

/** Joins a client with the server, and passes bytes on until somebody ends it. */
export function proxyLink({ client, server, protocol }: LinkEnds): ProxyLink {
  const there = laneTo(server);
  const back = laneTo(client);
  let armed: { readonly plan: ProxyPlan; readonly onStruck: () => void } | undefined;
  let strike: Strike | undefined;
  let isDeaf = false;
  let timer: NodeJS.Timeout | undefined;

  const cut = (): void => {
    isDeaf = true;
    clearTimeout(timer);
    there.clear();
    back.clear();
    client.resetAndDestroy();
    server.resetAndDestroy();
  };
  const cutAfter = (ms: number): void => {
    isDeaf = true;
    if (ms === 0) cut();
    else timer = setTimeout(cut, ms);
  };
  const truncate = (reply: Buffer): void => {
    isDeaf = true;
    back.send(reply.subarray(0, Math.floor(reply.length / 2)), strike?.plan.replyMs ?? 0);
    back.end();
    server.destroy();
  };
  const endReply = ({ plan, reply }: Strike): void => {
    if (plan.ends === 'in-reply') truncate(Buffer.concat(reply));
    else if (plan.ends === 'before-reply') cutAfter(plan.endsAfterMs);
  };

  client.on('data', (chunk) => {
    if (isDeaf) return;
    if (strike?.answered === true) strike = undefined;
    if (armed !== undefined) {
      strike = { plan: armed.plan, isComplete: replyEnd(protocol), reply: [], answered: false };
      const { onStruck } = armed;
      armed = undefined;
      onStruck();
    }
    if (strike?.plan.ends === 'before-forward') cutAfter(strike.plan.endsAfterMs);
    else there.send(chunk, strike?.plan.requestMs ?? 0);
  });
  server.on('data', (chunk) => {
    if (isDeaf) return;
    const isKept = strike !== undefined && strike.plan.ends !== 'never';
    if (isKept) strike?.reply.push(chunk);
    else back.send(chunk, strike?.plan.replyMs ?? 0);
    if (strike === undefined || strike.answered || !strike.isComplete(chunk)) return;
    strike.answered = true;
    endReply(strike);
  });
  server.on('end', () => {
    if (isDeaf) return;
    // A server that hangs up has said all that it will.
    if (strike !== undefined && !strike.answered && strike.plan.ends !== 'never') endReply(strike);
    else back.end();
  });
  client.on('end', () => there.end());
  for (const socket of [client, server]) {
    // Either side may be gone at any instant; the close that follows is what matters.
    socket.on('error', () => {});
  }
  server.on('close', (hadError) => hadError && cut());
  // What a client has sent before it gave up is on its way, and arrives.
  client.on('close', () => {
    isDeaf = true;
    clearTimeout(timer);
    back.clear();
    there.end();
  });

  return {
    arm(plan, onStruck) {
      armed = { plan, onStruck };
    },
    cut,
  };
}
