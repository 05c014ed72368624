// Which images the services are started from, pinned so that today's green is not another server tomorrow.

import type { ServiceName } from './backend-error.ts';

/** The image of each service, by the name that the engine knows it by. */
export const images: Readonly<Record<ServiceName, string>> = {
  redis: 'redis:7.4.2-alpine',
  postgres: 'postgres:17.4-alpine',
};
