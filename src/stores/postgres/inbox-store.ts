// The webhook inbox in Postgres, and the transaction in which an event's end and whatever else it means become true together.

import { optionCheck } from '../../resilience/option-check.ts';
import type {
  EffectWrite,
  FinishWrite,
  InboxClaim,
  InboxFailure,
  InboxReceipt,
  InboxRecord,
  InboxStore,
  InboxWriteAnswer,
} from '../../webhooks/inbox-store.ts';
import { type Argument, type PostgresStoreOptions, postgresCalls } from './call.ts';
import type { PostgresPool, PostgresQueryable } from './pool.ts';
import { encodeJson } from './text.ts';
import { inTransaction } from './transaction.ts';
import { sqlStateOf, unavailable } from './unavailable.ts';

/**
 * Writes what the new effects of one event mean, through `transaction`, which commits with the end of the event: with statements of
 * your own, or with stores that were given the transaction for their pool, such as
 * `postgresLedgerStore({ pool: transaction, schema })`. What it throws refuses the whole of it. It is called once for each try and
 * may be called again after one that was not committed, so it does nothing else.
 */
export type FinishWith = (effects: readonly EffectWrite[], transaction: PostgresQueryable) => Promise<void>;

/** Options of {@link postgresInboxStore}. */
export type PostgresInboxOptions =
  | (PostgresStoreOptions & { readonly finishWith?: undefined })
  | (PostgresStoreOptions & { readonly pool: PostgresPool; readonly finishWith: FinishWith });

const name = 'postgres inbox store';

/**
 * An `InboxStore` in Postgres, for any number of processes. Each operation is one statement at READ COMMITTED; time is the server's.
 * With `finishWith` the end of an event is a transaction of several: the event's id, its effects and whatever `finishWith` writes are
 * committed together or not at all, so that the effect of an event happens exactly once. Without it, effects are kept under their
 * keys, and what they mean elsewhere is at least once.
 *
 * @throws ValidationError when the options are not usable.
 */
export function postgresInboxStore(options: PostgresInboxOptions): InboxStore {
  const call = postgresCalls(name, options);
  const { finishWith } = options;
  if (finishWith !== undefined) {
    optionCheck(name).callback('finishWith', finishWith);
    optionCheck(name).callback('pool.connect', options.pool.connect);
  }
  const write = async (called: string, ...args: readonly Argument[]) =>
    writeAnswerOf((await call(called, ...args)) as Stored<InboxWriteAnswer>);
  return {
    async receive({ id, object, event, claim }) {
      const args = [id, object, event, claim?.attemptId, claim?.leaseMs] as const;
      const receipt = (await call('inbox_receive', ...args)) as Stored<InboxReceipt>;
      return { ...receipt, record: recordOf(receipt.record) };
    },
    async claim({ attemptId, leaseMs, id }) {
      const claim = (await call('inbox_claim', attemptId, leaseMs, id)) as Stored<InboxClaim> | null;
      return claim && { ...claim, record: recordOf(claim.record) };
    },
    finish: (asked) =>
      finishWith === undefined
        ? write('inbox_finish', ...finishArguments(asked))
        : finishTogether(asked, options, finishWith),
    postpone: ({ id, token, delayMs, parked, failure }) =>
      write('inbox_postpone', id, token, delayMs, parked, JSON.stringify(failure)),
    bury: ({ id, token, failure }) => write('inbox_bury', id, token, JSON.stringify(failure)),
    revive: async (id) => (await call('inbox_revive', id)) as boolean,
    list: async ({ state, limit }) =>
      ((await call('inbox_list', state, limit)) as readonly StoredRecord[]).map(recordOf),
    effect: async (key) => (await call('inbox_effect', key)) as string | null,
    prune: async ({ olderThanMs, limit }) => (await call('inbox_prune', olderThanMs, limit)) as number,
  };
}

/** The failure is kept as the text that it was written as. */
type StoredRecord = Omit<InboxRecord, 'failure'> & { readonly failure?: string };

type Stored<Answer extends { readonly record: InboxRecord | null }> = Omit<Answer, 'record'> & {
  readonly record: StoredRecord;
};

function finishArguments({ id, token, effects, move, dedupTtlMs }: FinishWrite): Argument[] {
  const moved = [move?.to.status, move?.to.version, move?.afterRevision];
  return [id, token, encodeJson(effects), dedupTtlMs, ...moved];
}

async function finishTogether(
  asked: FinishWrite,
  options: PostgresStoreOptions & { readonly pool: PostgresPool },
  finishWith: FinishWith,
): Promise<InboxWriteAnswer> {
  const where = `${name}.finish`;
  let refusal: { readonly error: unknown } | undefined;
  try {
    return await inTransaction(options.pool, {
      name: where,
      async work(transaction) {
        const call = postgresCalls(name, { ...options, pool: transaction });
        const answer = (await call('inbox_finish', ...finishArguments(asked))) as Finished;
        if (answer.written) {
          await finishWith(newEffects(asked.effects, answer.applied), transaction).catch((error: unknown) => {
            refusal = { error };
            throw error;
          });
        }
        return writeAnswerOf(answer);
      },
    });
  } catch (error) {
    if (refusal !== undefined && sqlStateOf(refusal.error) === undefined) throw refusal.error;
    throw unavailable(where, error);
  }
}

type Finished = Stored<InboxWriteAnswer> & { readonly applied: readonly string[] };

function newEffects(effects: readonly EffectWrite[], applied: readonly string[]): readonly EffectWrite[] {
  return applied.flatMap((key) => effects.find((effect) => effect.key === key) ?? []);
}

function writeAnswerOf({ applied: _, ...answer }: Stored<InboxWriteAnswer> & { applied?: unknown }) {
  return { ...answer, record: answer.record && recordOf(answer.record) } as InboxWriteAnswer;
}

function recordOf({ failure, ...record }: StoredRecord): InboxRecord {
  return failure === undefined ? record : { ...record, failure: JSON.parse(failure) as InboxFailure };
}
