// An address that a person gave. Suites write, flush and kill, so a service on another machine is refused until
// somebody says that it is meant.

import { BackendError, type ServiceName, serviceTitles, urlVariables } from './backend-error.ts';

const protocols: Readonly<Record<ServiceName, readonly string[]>> = {
  redis: ['redis:', 'rediss:'],
  postgres: ['postgres:', 'postgresql:'],
};

/**
 * The URL with its port, when it is one of this service and leads to this machine.
 *
 * @throws BackendError (`address`) otherwise; another machine is let through with `allowHost`.
 */
export function checkedServiceUrl(service: ServiceName, text: string, allowHost: boolean): string {
  const variable = urlVariables[service];
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !protocols[service].includes(url.protocol) || url.hostname === '') {
    const example =
      service === 'redis' ? 'redis://127.0.0.1:6379' : 'postgres://user:password@127.0.0.1:5432/db';
    throw new BackendError(
      'address',
      `${variable} is no URL of ${serviceTitles[service]}; give one such as ${example}, or unset it`,
    );
  }
  if (!allowHost && (!isLoopback(url.hostname) || url.searchParams.has('host')))
    throw new BackendError(
      'address',
      `${variable} leads to ${url.searchParams.get('host') ?? url.hostname}, which is not this machine, and the suites write, flush and kill there; pass --allow-host (or set PAYSTORM_ALLOW_HOST=1) if that is meant`,
    );
  // Whoever goes through a proxy has to know the port.
  if (url.port === '') url.port = service === 'redis' ? '6379' : '5432';
  return url.href;
}

/** The URL as it may be shown: without its password. */
export function shownUrl(text: string): string {
  if (!URL.canParse(text)) return 'an address that cannot be read';
  const { protocol, username, host, pathname } = new URL(text);
  return `${protocol}//${username === '' ? '' : `${username}@`}${host}${pathname === '/' ? '' : pathname}`;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
