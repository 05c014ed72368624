// The history of the schema: forward only, and what was released is never changed again.

import { breakerSql } from './breaker-sql.ts';
import { clockSql } from './clock-sql.ts';
import { deliveryMarksSql } from './delivery-marks-sql.ts';
import { idempotencySql } from './idempotency-sql.ts';
import { inboxSql } from './inbox-sql.ts';
import { ledgerSql } from './ledger-sql.ts';
import { limiterSql } from './limiter-sql.ts';
import { outboxSql } from './outbox-sql.ts';
import { sagaSql } from './saga-sql.ts';
import { ticketSql } from './ticket-sql.ts';
import { velocitySql } from './velocity-sql.ts';
import { verdictSql } from './verdict-sql.ts';

/** What each version adds to the one before it; the first makes version 1. */
export const migrations: readonly string[] = [
  clockSql + idempotencySql,
  sagaSql,
  inboxSql + deliveryMarksSql,
  outboxSql + ledgerSql,
  breakerSql + limiterSql,
  velocitySql,
  ticketSql + verdictSql,
];
