// What the gateway tells a merchant who asks: the report of a day, and events once more.

import type { DayReport, DaySpan } from '../../src/checkout/reconciliation.ts';
import type { TransactionRecord } from '../../src/reconciliation/record.ts';
import type { Case } from '../cases/case.ts';
import { faultFacts } from '../faults/kinds.ts';
import { refusal } from '../gateway-twin/answer.ts';
import { rateLimited } from '../gateway-twin/lookup.ts';
import type { RowFaults, SettlementRow } from '../gateway-twin/settlement.ts';
import type { GatewayTwin } from '../gateway-twin/twin.ts';
import { errorOf, wireError } from '../gateway-twin/wire-error.ts';
import type { ShopEnv } from '../targets/shop-env.ts';
import type { Boundary } from '../world/boundary.ts';
import { plainCopy } from '../world/plain-copy.ts';
import type { Postbox } from './postbox.ts';

/** What a process asks reports through. */
export interface ReportParts {
  readonly boundary: Boundary;
  readonly twin: GatewayTwin;
  readonly postbox: Postbox;
  readonly rowFaults: RowFaults;
}

/** The process's way to the reports of the gateway and to its events. */
export function reports({
  boundary: { cross },
  twin,
  postbox,
  rowFaults,
}: ReportParts): Pick<ShopEnv, 'report' | 'redeliver'> {
  const reportsOf = (span: DaySpan): readonly DayReport[] => {
    try {
      return daysOf(span).map((day) => ({ day, rows: twin.settlement(day, rowFaults).map(recordOf) }));
    } catch (error) {
      throw error instanceof RangeError ? errorOf(refusal(400, 'parameter_invalid')) : error;
    }
  };
  return {
    report: (span) =>
      cross<readonly DayReport[]>({
        site: 'gateway.report',
        request: span,
        apply(inject) {
          if (inject?.kind === 'rate-limited') throw errorOf(rateLimited(inject));
          return reportsOf(span);
        },
        handed: plainCopy,
        fail: wireError,
      }),
    redeliver({ kind, id }) {
      const request = { kind, id };
      return cross<void>({
        site: 'gateway.redeliver',
        request,
        apply(inject) {
          if (inject?.kind === 'rate-limited') throw errorOf(rateLimited(inject));
          postbox.redeliver(request);
        },
        fail: wireError,
      });
    },
  };
}

/**
 * The days of a span that a provider reports at once.
 *
 * @throws RangeError for what begins or ends on no day, ends before it begins, or is too long.
 */
export function daysOf({ fromDay, toDay }: DaySpan): readonly string[] {
  const fromMs = Date.parse(`${fromDay}T00:00:00Z`);
  const count = (Date.parse(`${toDay}T00:00:00Z`) - fromMs) / dayMs + 1;
  const length = Number.isInteger(count) && count <= mostDays ? Math.max(0, count) : 0;
  const days = Array.from({ length }, (_, index) =>
    new Date(fromMs + index * dayMs).toISOString().slice(0, 10),
  );
  // A day that there is none of may still be read as another one.
  if (length > 0 && days[0] === fromDay && days.at(-1) === toDay) return days;
  throw new RangeError(
    `from ${fromDay} to ${toDay} is no span of up to ${mostDays} days: give them as YYYY-MM-DD`,
  );
}

const dayMs = 86_400_000;

/** A quarter of a year. */
const mostDays = 92;

/**
 * What the rows of a case's reports carry. It outlives the storm: a report is a document, and what it once left out it
 * does not say because the network is well again.
 */
export function rowFaultsOf({ background = {} }: Case): RowFaults {
  return (rowId) => background[`twin:row:${rowId}`] ?? [];
}

/** Two days, in which card payments settle, or for as long as a row of the case is late. */
export function reportLagMs(subject: Case): number {
  return Math.max(settlementLagMs, ...latenessesMs(subject));
}

/** How late rows of the case are that are late, milliseconds. */
export function latenessesMs({ background = {} }: Case): readonly number[] {
  return Object.values(background)
    .flat()
    .flatMap(({ kind, ms = faultFacts[kind].defaultMs ?? 0 }) => (kind === 'row-late' ? ms : []));
}

const settlementLagMs = 2 * 86_400_000;

const statuses: Readonly<Record<SettlementRow['kind'], Pick<TransactionRecord, 'kind' | 'status'>>> = {
  charge: { kind: 'charge', status: 'captured' },
  refund: { kind: 'refund', status: 'succeeded' },
  'refund-failure': { kind: 'adjustment', status: 'failed' },
  dispute: { kind: 'dispute', status: 'opened' },
  'dispute-reversal': { kind: 'adjustment', status: 'won' },
  fee: { kind: 'fee', status: 'charged' },
};

/** The row as a merchant reads it; the sign is that of the money: positive where it comes to the merchant. */
function recordOf(row: SettlementRow): TransactionRecord {
  const { gatewayId, merchantReference, grossMinor, feeMinor, netMinor, currency, occurredAtMs } = row;
  const { kind, status } = statuses[row.kind];
  return {
    kind,
    status: row.status ?? status,
    gatewayId,
    ...(merchantReference === undefined ? {} : { merchantReference }),
    amountMinor: grossMinor,
    currency,
    atMs: occurredAtMs,
    feeMinor,
    netMinor,
  };
}
