// A saga: steps that all happen or are undone, whatever is lost, repeated, delayed or killed on the way (H. Garcia-Molina
// and K. Salem, "Sagas", 1987; the kinds of steps are those of C. Richardson, "Microservices Patterns", chapter 4).

import {
  IdempotencyConflictError,
  OutcomeUnknownError,
  StoreUnavailableError,
  ValidationError,
} from '../errors/payment-error.ts';
import { hashPayload } from '../idempotency/fingerprint.ts';
import { backward } from './backward.ts';
import { cancellationOf } from './cancellation.ts';
import { conclude } from './conclude.ts';
import { takeUp, twice } from './custody.ts';
import { type Drive, driveOf } from './drive.ts';
import { forward } from './forward.ts';
import type { SagaClaimAnswer, SagaName } from './journal.ts';
import { checkName, type SagaOptions, type SagaSettings, settingsOf } from './options.ts';
import { decodeProgress, encodeProgress, firstProgress, type SagaProgress, throughJson } from './progress.ts';
import { hasEnded, resultOf, type SagaResult } from './result.ts';

/** What one recovery did. */
export interface RecoveryReport {
  /** Sagas found due. */
  readonly found: number;
  /** Of those, ended now. */
  readonly ended: number;
}

/** A saga, ready to be executed any number of times. */
export interface Saga<Context extends object> {
  /**
   * Runs the saga called `id`, or goes on with it when nobody else does, and says where it stands. A saga that has
   * ended is never run again: its result is read from the journal, and `onReplay` is told so. Abort `signal` to have it
   * undone.
   *
   * Rejects with `ValidationError` for an id or a context that can't be journalled, `IdempotencyConflictError` when the
   * id was begun with another context, `StoreUnavailableError` when nothing was begun because the journal did not
   * answer, and `OutcomeUnknownError` when it stopped answering on the way: ask again with the same id.
   */
  execute(
    id: string,
    context: Context,
    options?: { readonly signal?: AbortSignal; readonly onReplay?: () => void },
  ): Promise<SagaResult<Context>>;
  /** The definition's name. */
  readonly name: string;
  /**
   * Goes on with the sagas that are due: their driver crashed, or it is time to look again. A saga that somebody else
   * takes meanwhile is left to them, and one that the journal stops answering for to a later recovery. Several definitions of
   * one journal can be recovered from one listing of it: then each finds its own in `due`.
   *
   * Rejects with `StoreUnavailableError` when they can't be listed, and, once it is through with all of them, with an
   * `AggregateError` of what else went wrong: a journalled saga that does not fit these steps, or a bug.
   */
  recover(due?: readonly SagaName[]): Promise<RecoveryReport>;
  /**
   * Has another go at the steps of a saga that are stuck: forward after the pivot, else back. Of any other saga it says
   * where it stands, and goes on with it when nobody else does; a second repair does nothing. Where a step gets stuck again for the
   * same reason nobody is called: who repairs is told by the answer. Rejects as `execute` does, and with `ValidationError` when
   * there is no such saga.
   */
  repair(id: string): Promise<SagaResult<Context>>;
}

/**
 * Builds a saga.
 *
 * @throws ValidationError when an option is out of range or the steps do not make a saga.
 */
export function saga<Context extends object>(options: SagaOptions<Context>): Saga<Context> {
  const settings = settingsOf(options);
  const { runtime, journal, leaseMs, name } = settings;

  const claim = async (id: string, why: 'recovery' | 'repair') => {
    const asked = { saga: name, id, attemptId: runtime.id('saga'), leaseMs, why };
    const askedAtMs = runtime.monotonicMs();
    return { id, askedAtMs, claim: await twice(() => journal.claim(asked)) };
  };

  return {
    async execute(id, context, { signal, onReplay } = {}) {
      const asked = { ...opening(settings, id, context), attemptId: runtime.id('saga'), leaseMs };
      const askedAtMs = runtime.monotonicMs();
      const answer = await twice(() => journal.open(asked));
      if (answer.record !== null && answer.record.fingerprint !== asked.fingerprint)
        throw new IdempotencyConflictError(
          `saga ${name} ${id}: it was begun with another context; use a new id for another order`,
        );
      const { owned, record } = answer;
      if (!owned && record !== null && hasEnded(record)) onReplay?.();
      return drive(settings, { id, askedAtMs, claim: answer, ...(signal === undefined ? {} : { signal }) });
    },
    name,
    async recover(listed) {
      const query = { sagas: [name], queue: 'recovery', limit: settings.recoveryLimit } as const;
      const due = (listed ?? (await journal.list(query))).filter(({ saga }) => saga === name);
      let ended = 0;
      const bugs: unknown[] = [];
      for (const { id } of due) {
        try {
          const claimed = await claim(id, 'recovery');
          if (!claimed.claim.owned) continue;
          const { state } = await drive(settings, claimed);
          if (state !== 'RUNNING' && state !== 'COMPENSATING') ended += 1;
        } catch (error) {
          if (error instanceof StoreUnavailableError || error instanceof OutcomeUnknownError) continue;
          bugs.push(error);
        }
      }
      if (bugs.length > 0)
        throw new AggregateError(bugs, `saga ${name}: ${bugs.length} of ${due.length} can't be recovered`);
      return { found: due.length, ended };
    },
    async repair(id) {
      return drive(settings, { ...(await claim(checkName('saga: the id', id), 'repair')), reopens: true });
    },
  };
}

function opening<Context extends object>(settings: SagaSettings<Context>, id: string, context: Context) {
  const { name, steps } = settings;
  checkName('saga: the id', id);
  if (typeof context !== 'object' || context === null || Array.isArray(context))
    throw new ValidationError(`saga ${name} ${id}: its context has to be an object of plain data`);
  const first = throughJson(context) as SagaProgress['context'];
  const progress = encodeProgress(firstProgress(first, steps[0]?.name ?? ''));
  return { saga: name, id, fingerprint: hashPayload(first), progress };
}

interface Claimed {
  readonly id: string;
  readonly askedAtMs: number;
  readonly claim: SagaClaimAnswer;
  readonly signal?: AbortSignal;
  /** Whether steps that are stuck get another round. */
  readonly reopens?: boolean;
}

async function drive<Context extends object>(
  settings: SagaSettings<Context>,
  claimed: Claimed,
): Promise<SagaResult<Context>> {
  const { claim, askedAtMs, id } = claimed;
  if (claim.record === null)
    throw new ValidationError(`saga ${settings.name} ${id}: there is no such saga; check the id`);
  if (!claim.owned) return resultOf(claim.record);
  const custody = takeUp(settings, claim, askedAtMs);
  try {
    const progress = decodeProgress(claim.record.progress);
    checkFit(settings, progress, id);
    await steer(driveOf(settings, custody, progress), claimed);
    return resultOf(custody.record());
  } catch (error) {
    if (custody.lost.aborted) return standing(settings, id);
    if (error instanceof StoreUnavailableError) throw silent(settings, id, error);
    throw error;
  } finally {
    custody.close();
  }
}

/** Goes on from what the journal says. */
async function steer<Context extends object>(
  going: Drive<Context>,
  { signal, reopens }: Claimed,
): Promise<void> {
  const { settings, custody, progress, announce } = going;
  const { state, token, version } = custody.record();
  announce('taken-up');
  const fresh = token === 1 && version === 0;
  if (fresh) announce('started', settings.steps[0]?.name);
  const isStuck = progress().steps.some(({ stuck }) => stuck);
  if (reopens === true && isStuck) await reopen(going);
  else if (state === 'FAILED_COMPENSATION') return conclude(going, state, { waits: false });
  if (progress().failure !== undefined) return backward(going);
  const cancellation = cancellationOf(settings, custody, signal);
  try {
    return await forward(going, { fresh, cancel: cancellation.signal });
  } finally {
    cancellation.close();
  }
}

async function reopen<Context extends object>({
  progress,
  change,
  custody,
  save,
}: Drive<Context>): Promise<void> {
  const { page: _, ...known } = progress();
  const steps = known.steps.map(({ stuck, ...step }) => (stuck ? { ...step, tries: 0 } : step));
  change({ ...known, steps, idle: 0, roundAtMs: custody.nowMs() });
  await save(known.failure === undefined ? 'RUNNING' : 'COMPENSATING');
}

/** Another version of the program may have begun the saga. */
function checkFit<Context extends object>(
  { name, steps }: SagaSettings<Context>,
  progress: SagaProgress,
  id: string,
): void {
  const stray = progress.steps.find((step, index) => steps[index]?.name !== step.name);
  if (stray === undefined) return;
  throw new ValidationError(
    `saga ${name} ${id}: its journal has step ${stray.name} where this program has another; recover it with the version that began it`,
  );
}

/** Somebody else drives the saga: their word counts. */
async function standing<Context extends object>(
  settings: SagaSettings<Context>,
  id: string,
): Promise<SagaResult<Context>> {
  const { journal, name } = settings;
  try {
    const record = await journal.read({ saga: name, id });
    if (record !== null) return resultOf(record);
  } catch (error) {
    throw silent(settings, id, error);
  }
  throw silent(settings, id, undefined);
}

function silent<Context extends object>({ name }: SagaSettings<Context>, id: string, cause: unknown) {
  return new OutcomeUnknownError(
    `saga ${name} ${id}: the journal stopped answering; ask again with the same id`,
    { cause },
  );
}
