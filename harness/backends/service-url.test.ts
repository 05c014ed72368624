// Convinces by naming addresses of each kind that a person may give, good and bad.

import { describe, expect, it } from 'vitest';
import { checkedServiceUrl, shownUrl } from './service-url.ts';

describe('an address that was given', () => {
  it.each([
    { service: 'redis', url: 'redis://127.0.0.1:6379' },
    { service: 'redis', url: 'rediss://me:p%40ss@localhost:7/2' },
    { service: 'redis', url: 'redis://127.9.9.9:6379' },
    { service: 'postgres', url: 'postgres://[::1]:5432/db' },
    { service: 'postgres', url: 'postgresql://me@localhost:5432/db?sslmode=disable' },
  ] as const)('is taken when it leads to this machine: $url', ({ service, url }) => {
    expect(checkedServiceUrl(service, url, false)).toBe(url);
  });

  it.each([
    { service: 'redis', url: 'redis://cache.internal:6379', host: 'cache.internal' },
    { service: 'redis', url: 'redis://127.0.0.1.example.com', host: '127.0.0.1.example.com' },
    { service: 'redis', url: 'redis://0.0.0.0', host: '0.0.0.0' },
    { service: 'postgres', url: 'postgres://10.0.0.7/db', host: '10.0.0.7' },
    { service: 'postgres', url: 'postgres://localhost/db?host=db.internal', host: 'db.internal' },
  ] as const)('is refused when it leads elsewhere, unless that is meant: $url', ({ service, url, host }) => {
    expect(() => checkedServiceUrl(service, url, false)).toThrow(
      `leads to ${host}, which is not this machine`,
    );
    expect(checkedServiceUrl(service, url, true)).toContain(new URL(url).host);
  });

  it('is given the port of its service where it names none', () => {
    expect(checkedServiceUrl('redis', 'redis://localhost', false)).toBe('redis://localhost:6379');
    expect(checkedServiceUrl('postgres', 'postgres://[::1]/db?a=b', false)).toBe(
      'postgres://[::1]:5432/db?a=b',
    );
  });

  it.each([
    { service: 'redis', url: 'localhost:6379' },
    { service: 'redis', url: 'http://localhost' },
    { service: 'redis', url: 'postgres://localhost/db' },
    { service: 'postgres', url: 'redis://localhost' },
    { service: 'postgres', url: 'postgres:///db' },
    { service: 'postgres', url: '   ' },
  ] as const)('is refused when it is none of the service: $url', ({ service, url }) => {
    expect(() => checkedServiceUrl(service, url, true)).toThrow(/is no URL of .+; give one such as/);
  });

  it('is shown without its password', () => {
    expect(shownUrl('redis://:p%40ss@localhost:7000/')).toBe('redis://localhost:7000');
    expect(shownUrl('postgres://me:p@[::1]:5432/db?password=p')).toBe('postgres://me@[::1]:5432/db');
    expect(shownUrl('p@ss')).toBe('an address that cannot be read');
  });
});
