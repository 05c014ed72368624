// The stateful, strict emulation of a payment provider. Every mutation passes the same gates in the same order: the
// front door, the memory of keys, validation, execution; a fault can strike at each of them.

import type {
  ChargeRequest,
  GatewayCapabilities,
  LookupRequest,
  Mutation,
  RefundLookupRequest,
  RefundRequest,
  VoidRequest,
} from '../../src/gateway/port.ts';
import type { Injection } from '../faults/decide.ts';
import type { Books } from '../history/history.ts';
import { type FarSide, Slow } from '../world/boundary.ts';
import { startOfTimeMs } from '../world/world.ts';
import { decline, type LookupAnswer, refusal, type Timed, type WireAnswer } from './answer.ts';
import { ledger } from './books.ts';
import { challengeDesk } from './challenges.ts';
import { charge, refuseCharge } from './charging.ts';
import { type DisputeAct, disputeDesk } from './disputes.ts';
import { type ProviderEvents, providerEvents } from './events.ts';
import { keyLedger, type OperationName } from './keys.ts';
import { lookups, rateLimited } from './lookup.ts';
import { movements, type TwinCapture } from './movements.ts';
import type { TwinBehaviour } from './profiles.ts';
import { type RefundListing, type RefundLookupAnswer, refundLookups } from './refund-lookup.ts';
import { type Settlement, settlement } from './settlement.ts';

/**
 * A provider at wire level. Nothing here throws or waits: a refusal is an answer, and an answer that takes time is
 * a `Slow`, whose `finish` the caller of the twin has to run when its time has come, whoever still listens.
 *
 * An injection strikes the call that it is given to. `rate-limited`, `in-progress`, `bodyless-409` and `edge-504`
 * stand in front of the gateway and strike in any case; all the others need an execution, so that a key which
 * replays its stored answer is untouched by them. What makes no sense for an operation is ignored.
 */
export interface GatewayTwin {
  authorize(request: ChargeRequest, inject?: Injection): Timed;
  capture(request: TwinCapture, inject?: Injection): Timed;
  void(request: VoidRequest, inject?: Injection): Timed;
  refund(request: RefundRequest, inject?: Injection): Timed;
  /** Under `stale` answers with what was visible `consistentAfterMs` ago. */
  lookup(request: LookupRequest, inject?: Injection): LookupAnswer;
  /** Under `stale` answers with what was visible `consistentAfterMs` ago. */
  lookupRefund(request: RefundLookupRequest, inject?: Injection): RefundLookupAnswer;
  /** All refunds of a payment; under `stale` as for look-ups. */
  listRefunds(chargeId: string, inject?: Injection): RefundListing;
  /** The payer answers every challenge that is open for a payment token; without one nothing happens. */
  stepUp(paymentToken: string, outcome: 'authenticated' | 'failed'): void;
  /** The payer's bank disputes a payment of a payment token, or a dispute ends; without one nothing happens. */
  dispute(paymentToken: string, act: DisputeAct): void;
  /** What the provider announces; nothing is made of a change as long as nobody listens. */
  readonly events: ProviderEvents;
  /** What the provider reports as settled. */
  readonly settlement: Settlement;
  /** The provider's own books as they stand now. */
  books(): Books;
}

/** What a twin is made of. */
export interface TwinParts {
  readonly far: FarSide;
  readonly capabilities: GatewayCapabilities;
  readonly behaviour: TwinBehaviour;
  /**
   * Whether the gateway itself refuses to capture or refund more than there is. Default true; without it, what a target
   * asks for beyond that stands in the books, so that its own limits can be judged.
   */
  readonly enforceLimits?: boolean | undefined;
  /** The wall-clock time at which virtual time began, milliseconds since the epoch. Default {@link startOfTimeMs}. */
  readonly epochMs?: number | undefined;
}

interface Work {
  readonly operation: OperationName;
  readonly request: Mutation;
  /** Refuses before anything is executed; such an answer is never stored. */
  readonly refuse?: () => WireAnswer | undefined;
  readonly act: (inject: Injection | undefined) => WireAnswer;
}

/** A provider with empty books. */
export function gatewayTwin(parts: TwinParts): GatewayTwin {
  const { far, capabilities, behaviour, enforceLimits = true, epochMs = startOfTimeMs } = parts;
  const books = ledger(behaviour, far);
  const keys = keyLedger(
    { repeatedKey: behaviour.repeatedKey, retentionMs: capabilities.keyRetentionMs },
    far,
  );
  const moves = movements({ books, far, capabilities, enforceLimits });
  const lookup = lookups({ books, keys, far, capabilities });
  const refunds = refundLookups({ books, far, capabilities });
  const challenges = challengeDesk({ books, far });

  function handle(work: Work, inject: Injection | undefined): Timed {
    const { operation, request } = work;
    if (inject?.kind === 'key-expired') keys.forget(request.idempotencyKey);
    const turnedAway = frontDoor(inject);
    if (turnedAway !== undefined) return turnedAway;

    const answer = keys.repeat(operation, request) ?? refusalOf(work);
    if (answer === undefined) return execute(work, inject);
    // The edge gives up on an origin that had nothing left to do.
    return inject?.kind === 'edge-504' ? refusal(504, 'api_error') : answer;
  }

  function execute({ operation, request, act }: Work, inject: Injection | undefined): Timed {
    const execution = keys.begin(operation, request);
    const commit = () => {
      const answer = perform(act, inject);
      keys.finish(execution, answer);
      return answer;
    };
    if (inject?.kind === 'slow') return new Slow(inject.ms, commit);
    if (inject?.kind !== 'edge-504') return commit();
    far.after(inject.ms, commit);
    return refusal(504, 'api_error');
  }

  return {
    authorize: (request, inject) =>
      handle(
        {
          operation: 'authorize',
          request,
          refuse: () => refuseCharge(request, capabilities),
          act: (injected) => charge(request, injected, { books, far, challenges }),
        },
        inject,
      ),
    capture: (request, inject) =>
      handle({ operation: 'capture', request, act: () => moves.capture(request) }, inject),
    void: (request, inject) => handle({ operation: 'void', request, act: () => moves.void(request) }, inject),
    refund: (request, inject) =>
      handle({ operation: 'refund', request, act: (injected) => moves.refund(request, injected) }, inject),
    lookup,
    lookupRefund: refunds.find,
    listRefunds: refunds.list,
    stepUp: challenges.answer,
    dispute: disputeDesk({ books, far }).act,
    events: providerEvents({ books, far }),
    settlement: settlement({ books, far, epochMs }),
    books: books.books,
  };
}

// What never reaches the gateway proper: nothing is executed, nothing is stored, nothing is looked up.
function frontDoor(inject: Injection | undefined): WireAnswer | undefined {
  switch (inject?.kind) {
    case 'rate-limited':
      return rateLimited(inject);
    case 'in-progress':
      return refusal(409, 'idempotency_key_in_use');
    case 'bodyless-409':
      return { status: 409, replayed: false };
    default:
      return undefined;
  }
}

function refusalOf({ request, refuse }: Work): WireAnswer | undefined {
  // 255 is the longest key that Stripe takes.
  return request.idempotencyKey.length > 255 ? refusal(400, 'parameter_invalid') : refuse?.();
}

function perform(act: Work['act'], inject: Injection | undefined): WireAnswer {
  switch (inject?.kind) {
    case '500-before-commit':
      return refusal(500, 'api_error');
    case '500-after-commit':
      act(undefined);
      return refusal(500, 'api_error');
    case 'soft-decline':
      return decline('insufficient_funds');
    case 'hard-decline':
      return decline('do_not_honor');
    default:
      return act(inject);
  }
}
