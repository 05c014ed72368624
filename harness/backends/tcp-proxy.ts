// A network that lies, between a driver and its server: a TCP proxy on loopback that can be told, for one connection,
// what to do to the next request on it.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type ProxyAct, planOf } from './proxy-act.ts';
import { type ProxyLink, proxyLink } from './proxy-link.ts';
import type { Protocol } from './reply-end.ts';

/** Where a server listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What came of arming. */
export interface Armed {
  /** Port of loopback at which to connect anew instead of using the connection; absent when that can be used. */
  readonly connectTo?: number;
  /** Whether the acts have struck yet. */
  hasStruck(): boolean;
}

/** See {@link startTcpProxy}. */
export interface TcpProxy {
  /** Where clients connect, on 127.0.0.1. */
  readonly port: number;
  /**
   * Does `acts` to the next request on the connection of the client whose local port this is. Nothing happens to a
   * connection that is gone: its client finds that out by itself.
   */
  arm(localPort: number, acts: readonly ProxyAct[]): Armed;
  /** Ends every connection, and connects the following ones to another server. */
  pointTo(server: Endpoint): void;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/** Starts a proxy in front of `server`. */
export async function startTcpProxy(options: {
  readonly server: Endpoint;
  readonly protocol: Protocol;
}): Promise<TcpProxy> {
  const links = new Set<ProxyLink>();
  const linkOf = new Map<number, ProxyLink>();
  let endpoint = options.server;
  const listener = createServer({ noDelay: true }, (client) => {
    const server = connect({ ...endpoint, noDelay: true });
    const { remotePort = 0 } = client;
    const link = proxyLink({ client, server, protocol: options.protocol });
    links.add(link);
    linkOf.set(remotePort, link);
    client.on('close', () => {
      if (linkOf.get(remotePort) === link) linkOf.delete(remotePort);
    });
    server.on('close', () => links.delete(link));
  });
  const port = await listen(listener);
  const refusing = await refusingPort();
  const cutAll = (): void => {
    for (const link of links) link.cut();
  };
  return {
    port,
    arm(localPort, acts) {
      const plan = planOf(acts);
      const link = linkOf.get(localPort);
      let struck = false;
      if (link !== undefined && plan.ends === 'at-once') {
        link.cut();
        return { connectTo: refusing.port, hasStruck: () => true };
      }
      link?.arm(plan, () => {
        struck = true;
      });
      return { hasStruck: () => struck };
    },
    pointTo(server) {
      endpoint = server;
      cutAll();
    },
    async close() {
      const closed = once(listener, 'close');
      listener.close();
      cutAll();
      refusing.free();
      await closed;
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/**
 * A port of loopback where nobody listens and nobody else can begin to: the near end of a connection occupies it. A port
 * that was merely free a moment ago may be anybody's by now.
 */
async function refusingPort(): Promise<{ readonly port: number; free(): void }> {
  const server = createServer();
  const farEnd = once(server, 'connection');
  const nearEnd = connect(await listen(server), '127.0.0.1');
  const [socket] = (await farEnd) as [Socket];
  server.close();
  return {
    port: socket.remotePort ?? 0,
    free() {
      nearEnd.destroy();
      socket.destroy();
    },
  };
}
