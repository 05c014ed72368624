// What became of a write whose answer was lost on the way: the record itself tells. A checker that knew only that nobody was
// answered would take a record for what it no longer is.

import type { ClaimRequest, IdempotencyRecord, Owned, Suspension } from '../../../src/idempotency/store.ts';
import type { DrivenSaga, SagaOpening, SagaWrite } from '../../../src/saga/journal.ts';
import type { Outcome } from '../../history/history.ts';
import type { Drivers } from './drivers.ts';
import { patiently } from './patience.ts';

/** A write, and the store's clock when it was made. */
export interface LostWrite {
  readonly family: string;
  readonly name: string;
  readonly request: unknown;
  readonly nowMs: number;
}

/** What the store would have answered; undefined where it was not applied, or nothing tells. */
export async function unheardEffect(drivers: Drivers, write: LostWrite): Promise<Outcome | undefined> {
  if (write.family === 'store') return recordEffect(drivers, write);
  return write.family === 'saga' ? sagaEffect(drivers, write) : undefined;
}

async function recordEffect(
  { store }: Drivers,
  { name, request, nowMs }: LostWrite,
): Promise<Outcome | undefined> {
  const { key } = request as Owned;
  const record = await patiently(() => store.read(key));
  if (record === null) return undefined;
  if (name === 'claim') {
    const isOwn = record.attemptId === (request as ClaimRequest).attemptId && record.state === 'IN_FLIGHT';
    return isOwn ? { ok: true, value: { owned: true, record, nowMs } } : undefined;
  }
  const isWritten = record.token === (request as Owned).token && leaves(name, request, record);
  return isWritten ? { ok: true, value: { written: true, record, nowMs } } : undefined;
}

/** Whether a record is as the write called `name` leaves it. */
function leaves(name: string, request: unknown, { state }: IdempotencyRecord): boolean {
  switch (name) {
    case 'complete':
      return state === 'COMPLETED';
    case 'fail':
      return state === 'FAILED';
    case 'suspend':
      return state === (request as Suspension).state;
    default:
      return false;
  }
}

async function sagaEffect(
  { saga: journal }: Drivers,
  { name, request, nowMs }: LostWrite,
): Promise<Outcome | undefined> {
  const { saga, id } = request as DrivenSaga;
  const record = await patiently(() => journal.read({ saga, id }));
  if (record === null) return undefined;
  if (name === 'open' || name === 'claim') {
    const isOwn = record.attemptId === (request as SagaOpening).attemptId;
    return isOwn ? { ok: true, value: { owned: true, record, nowMs } } : undefined;
  }
  const { token, version } = request as SagaWrite;
  const isWritten = record.token === token && record.version === version;
  return isWritten ? { ok: true, value: { written: true, record, nowMs } } : undefined;
}
