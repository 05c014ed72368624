// Broken answers as a client of Node's `fetch` meets them.

import type { WireFailure } from '../faults/decide.ts';
import type { HttpReply } from '../gateway-twin/stripe-answers.ts';

const socketErrors: Readonly<
  Record<'refused' | 'dns' | 'reset', { readonly code: string; readonly text: string }>
> = {
  refused: { code: 'ECONNREFUSED', text: 'connect ECONNREFUSED' },
  dns: { code: 'ENOTFOUND', text: 'getaddrinfo ENOTFOUND api.stripe.com' },
  reset: { code: 'ECONNRESET', text: 'read ECONNRESET' },
};

/**
 * The response whose body breaks. `intact` is what the other side had answered, if anything reached it.
 *
 * @throws TypeError as `fetch` does when there is no response at all, with the socket's error as its cause.
 */
export function failingResponse(failure: WireFailure, intact: HttpReply | undefined): Response {
  const status = intact?.status ?? 200;
  const headers = intact?.headers ?? {};
  const half = (intact?.body ?? '{"id":').slice(0, Math.ceil((intact?.body.length ?? 6) / 2));
  switch (failure) {
    case 'cut':
      return new Response(cutAfter(half), { status, headers });
    case 'malformed':
      return new Response(`${half}\u0000`, { status, headers });
    default: {
      const { code, text } = socketErrors[failure];
      throw new TypeError('fetch failed', { cause: Object.assign(new Error(text), { code }) });
    }
  }
}

function cutAfter(text: string): ReadableStream {
  return new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
    pull(controller) {
      const cause = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
      controller.error(new TypeError('terminated', { cause }));
    },
  });
}

/** Makes the world wait while the body is read, which may take turns of Node's own loop. */
export function countedText(response: Response, outside: { entered: number }): Response {
  const read = response.text.bind(response);
  const text = async (): Promise<string> => {
    outside.entered += 1;
    try {
      return await read();
    } finally {
      outside.entered -= 1;
    }
  };
  return Object.defineProperty(response, 'text', { value: text });
}
