// How this convinces: a server that writes down what it was asked and a client that writes down what it heard stand on
// either side, so that each act is told apart by both: a request lost and a reply lost look alike to the client only.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { planOf } from './proxy-act.ts';
import { replyEnd } from './reply-end.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** Answers each chunk with `answer` of it, and keeps what it was asked. */
async function serve(answer: (asked: string) => string) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      asked.push(chunk.toString());
      socket.write(answer(chunk.toString()));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { asked, endpoint: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } };
}

async function rig({ protocol = 'redis' as const, answer = (asked: string) => `re:${asked}` } = {}) {
  const server = await serve(answer);
  const proxy = await startTcpProxy({ server: server.endpoint, protocol });
  cleanups.push(() => proxy.close());
  return { proxy, asked: server.asked };
}

/** A client that has made one undisturbed request. */
async function client(port: number) {
  const socket = connect(port, '127.0.0.1');
  const heard: string[] = [];
  let ended = '';
  socket.on('data', (chunk) => heard.push(chunk.toString()));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    ended = error.code ?? error.message;
  });
  socket.on('end', () => {
    ended ||= 'end';
  });
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  cleanups.push(() => void socket.destroy());
  const ask = async (text: string): Promise<number> => {
    const fromMs = performance.now();
    socket.write(text);
    await Promise.race([once(socket, 'data').catch(() => closed), closed]);
    return performance.now() - fromMs;
  };
  await ask('hello');
  return { socket, heard, ask, closed, localPort: socket.localPort ?? 0, ended: () => ended };
}

const armed = async (acts: Parameters<TcpProxy['arm']>[1]) => {
  const { proxy, asked } = await rig();
  const there = await client(proxy.port);
  const arming = proxy.arm(there.localPort, acts);
  return { proxy, asked, there, arming };
};

describe('one request', () => {
  it('arrives as it is when nothing is armed', async () => {
    const { there, asked, arming } = await armed([]);
    await there.ask('b');
    expect([asked, there.heard]).toEqual([
      ['hello', 'b'],
      ['re:hello', 're:b'],
    ]);
    expect(arming).not.toHaveProperty('connectTo');
  });

  it.each(['request', 'reply'] as const)(
    'is late by what its %s is held, and the next one is not',
    async (leg) => {
      const { there, arming } = await armed([{ kind: 'delay', leg, ms: 80 }]);
      expect(arming.hasStruck()).toBe(false);
      expect(await there.ask('b')).toBeGreaterThan(75);
      expect(arming.hasStruck()).toBe(true);
      expect(await there.ask('c')).toBeLessThan(60);
      expect(there.heard).toEqual(['re:hello', 're:b', 're:c']);
    },
  );

  it('still arrives when its client gives up while it is held', async () => {
    const { there, asked } = await armed([{ kind: 'delay', leg: 'request', ms: 60 }]);
    there.socket.write('b');
    there.socket.end();
    await expect.poll(() => asked).toEqual(['hello', 'b']);
  });

  it('is lost when the connection is cut before it is forwarded', async () => {
    const { there, asked, arming } = await armed([{ kind: 'cut', before: 'forward', afterMs: 0 }]);
    await there.ask('b');
    expect(there.ended()).toBe('ECONNRESET');
    expect(asked).toEqual(['hello']);
    expect(arming.hasStruck()).toBe(true);
  });

  it('is done when the connection is cut before its reply', async () => {
    const { there, asked } = await armed([{ kind: 'cut', before: 'reply', afterMs: 0 }]);
    await there.ask('b');
    expect(there.ended()).toBe('ECONNRESET');
    expect([asked, there.heard]).toEqual([['hello', 'b'], ['re:hello']]);
  });

  it.each([
    ['forward', ['hello']],
    ['reply', ['hello', 'b']],
  ] as const)('meets silence before its connection is cut, held before %s', async (before, seen) => {
    const { there, asked } = await armed([{ kind: 'cut', before, afterMs: 80 }]);
    expect(await there.ask('b')).toBeGreaterThan(75);
    expect([there.ended(), there.heard, asked]).toEqual(['ECONNRESET', ['re:hello'], seen]);
  });

  it('hears half of a reply that is truncated', async () => {
    const { there, asked } = await armed([{ kind: 'truncate' }]);
    await there.ask('abcde');
    await there.closed;
    expect([asked[1], there.heard[1], there.ended()]).toEqual(['abcde', 're:a', 'end']);
  });

  it('is never made on a connection that is refused, nor on the one that is made instead', async () => {
    const { there, asked, arming } = await armed([{ kind: 'refuse' }]);
    await there.closed;
    expect(asked).toEqual(['hello']);
    const again = connect(arming.connectTo ?? 0, '127.0.0.1');
    const [error] = (await once(again, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });

  it('of another connection is not touched', async () => {
    const { proxy } = await rig();
    const [before, there, after] = [
      await client(proxy.port),
      await client(proxy.port),
      await client(proxy.port),
    ];
    const arming = proxy.arm(there.localPort, [{ kind: 'cut', before: 'forward', afterMs: 0 }]);
    for (const other of [before, after]) {
      await other.ask('c');
      expect([other.heard, other.ended(), arming.hasStruck()]).toEqual([['re:hello', 're:c'], '', false]);
    }
    await there.ask('b');
    expect([there.ended(), arming.hasStruck()]).toEqual(['ECONNRESET', true]);
  });
});

describe('the proxy', () => {
  it('resets whoever comes while its server is down', async () => {
    const { proxy } = await rig();
    const nobody = await startTcpProxy({
      server: { host: '127.0.0.1', port: proxy.port },
      protocol: 'redis',
    });
    await nobody.close();
    proxy.pointTo({ host: '127.0.0.1', port: nobody.port });
    const there = await client(proxy.port);
    await there.closed;
    expect(there.ended()).toBe('ECONNRESET');
  });

  it('ends all connections when it is pointed elsewhere, and asks the new server from then on', async () => {
    const { proxy, asked } = await rig();
    const there = await client(proxy.port);
    const second = await serve(() => 'second');
    proxy.pointTo(second.endpoint);
    await there.closed;
    const anew = await client(proxy.port);
    expect([asked, second.asked, anew.heard]).toEqual([['hello'], ['hello'], ['second']]);
  });

  it('keeps nothing running when it is closed, whatever it holds', async () => {
    const { proxy, there } = await armed([{ kind: 'delay', leg: 'reply', ms: 60_000 }]);
    there.socket.write('b');
    await proxy.close();
    await there.closed;
    const again = connect(proxy.port, '127.0.0.1');
    expect(await once(again, 'error')).toMatchObject([{ code: 'ECONNREFUSED' }]);
  });
});

describe('a reply of Postgres', () => {
  const message = (tag: string, body: string): Buffer => {
    const bytes = Buffer.alloc(5 + body.length);
    bytes.write(tag, 0);
    bytes.writeUInt32BE(4 + body.length, 1);
    bytes.write(body, 5);
    return bytes;
  };
  // A row that holds what looks like the end of a reply.
  const reply = Buffer.concat([message('D', 'Z\0\0\0\x05I'), message('C', 'SELECT 1'), message('Z', 'I')]);

  it('ends where the server is ready again, wherever its bytes are split', () => {
    for (let split = 0; split < reply.length - 6; split++) {
      const isComplete = replyEnd('postgres');
      expect([isComplete(reply.subarray(0, split)), isComplete(reply.subarray(split))]).toEqual([
        false,
        true,
      ]);
    }
    const isComplete = replyEnd('postgres');
    const complete = [...reply].map((byte) => isComplete(Buffer.from([byte])));
    expect(complete.indexOf(true)).toBe(reply.length - 2);
  });
});

describe('several acts', () => {
  it('add their delays up, and end at the earliest end', () => {
    expect(
      planOf([
        { kind: 'delay', leg: 'request', ms: 1 },
        { kind: 'truncate' },
        { kind: 'delay', leg: 'reply', ms: 2 },
        { kind: 'cut', before: 'forward', afterMs: 5 },
        { kind: 'cut', before: 'reply', afterMs: 7 },
        { kind: 'delay', leg: 'request', ms: 4 },
      ]),
    ).toEqual({ requestMs: 5, replyMs: 2, ends: 'before-forward', endsAfterMs: 5 });
  });
});
