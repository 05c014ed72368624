// What the gateway tells a merchant who asks: the report of a day, and events once more.

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
  const rowsOf = (day: string): readonly TransactionRecord[] => {
    try {
      return twin.settlement(day, rowFaults).map(recordOf);
    } catch (error) {
      throw error instanceof RangeError ? errorOf(refusal(400, 'parameter_invalid')) : error;
    }
  };
  return {
    report: (day) =>
      cross<readonly TransactionRecord[]>({
        site: 'gateway.report',
        request: { day },
        apply(inject) {
          if (inject?.kind === 'rate-limited') throw errorOf(rateLimited(inject));
          return rowsOf(day);
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
