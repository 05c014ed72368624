// The twin over HTTP: Node's server in front of the very msw handlers that the msw tier calls. It lives with the
// orchestrator, which runs no code under test and survives every kill of a worker.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getResponse } from 'msw';
import { tierHandlers } from '../msw-route.ts';

/** A server on a free port of loopback. */
export interface TwinServer {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  close(): void;
}

/** Where the handlers think they are. */
const origin = 'https://api.stripe.com';

/** Starts one. Exchanges find what stands behind them by a header; see `routeOver`. */
export async function startTwinServer(): Promise<TwinServer> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => closeNow(server) };
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  const body = Buffer.concat(chunks);
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  const method = incoming.method ?? 'GET';
  const request = new Request(`${origin}${incoming.url ?? '/'}`, {
    method,
    headers: headers.filter(([name]) => !hopByHop.has(name)),
    ...(method === 'GET' || method === 'HEAD' ? {} : { body }),
  });
  const response = await getResponse(tierHandlers, request);
  if (response === undefined) throw new Error(`no handler for ${method} ${incoming.url}`);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
}

const hopByHop: ReadonlySet<string> = new Set(['connection', 'host', 'transfer-encoding', 'keep-alive']);

function closeNow(server: Server): void {
  server.close();
  server.closeAllConnections();
}
