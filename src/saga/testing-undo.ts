// One charge, undone attempt by attempt as a saga would: notes outlive the attempts, and nothing else does.

import { LeaseLostError } from '../errors/payment-error.ts';
import type { GatewayCapabilities } from '../gateway/port.ts';
import { type ManualRuntime, manualRuntime } from '../kernel/testing.ts';
import type { UndoCall, Undone } from './step.ts';
import { balanceOf, type FakeGateway, fakeGateway } from './testing-gateway.ts';
import { type UndoPaymentOptions, undoPayment } from './undo-payment.ts';

const charge = { merchantReference: 'ref', idempotencyKey: 'key' };
/** The balance of what left nothing behind. */
export const nothing = { netMinor: 0, heldMinor: 0 };
/** The answer when it is done. */
export const undone: Undone = { kind: 'undone' };
/** The answer while nothing is known. */
export const waits: Undone = { kind: 'pending', acknowledged: false };
/** The answer while the gateway works on it. */
export const accepted: Undone = { kind: 'pending', acknowledged: true };

/** A charge under test and everything around it. */
export interface UndoRig {
  readonly runtime: ManualRuntime;
  readonly gateway: FakeGateway;
  /** One attempt, by any process: notes are kept, memory is not. */
  readonly attempt: () => Promise<Undone>;
  /** Somebody else may drive the saga once so much more was noted. */
  readonly loseAfter: (notes: number) => void;
  readonly authorise: (amountMinor?: number) => Promise<string>;
  readonly capture: (chargeId: string, amountMinor: number, key?: string) => Promise<void>;
  readonly balance: () => readonly { readonly netMinor: number; readonly heldMinor: number }[];
}

/** A rig over a gateway with these promises. */
export function undoRig(
  promised: Partial<GatewayCapabilities> = {},
  options: Partial<UndoPaymentOptions<object>> = {},
): UndoRig {
  const runtime = manualRuntime();
  const gateway = fakeGateway(runtime, promised);
  let notesLeft = Number.POSITIVE_INFINITY;
  const fence = (): void => {
    if (notesLeft <= 0) throw new LeaseLostError('lost');
  };
  const notes = new Map<string, string>();
  const call = (): UndoCall => ({
    idempotencyKey: 'undo-key',
    merchantReference: 'undo-key',
    stepKey: 'step-key',
    signal: new AbortController().signal,
    fence,
    nowMs: runtime.monotonicMs(),
    recall: (subject) => {
      const text = notes.get(subject);
      return text === undefined ? undefined : JSON.parse(text);
    },
    async keep(subject, value) {
      fence();
      notesLeft -= 1;
      notes.set(subject, JSON.stringify(value));
    },
  });
  const undo = undoPayment({ gateway: gateway.port, charge: () => charge, ...options });
  return {
    runtime,
    gateway,
    loseAfter: (notes) => {
      notesLeft = notes;
    },
    attempt: () => undo({}, call()),
    capture: async (chargeId, amountMinor, key = 'capture') => {
      await gateway.port.capture({ chargeId, amountMinor, idempotencyKey: key, merchantReference: key });
    },
    balance: () => gateway.charges().map(balanceOf),
    authorise: async (amountMinor = 500) => {
      const request = { amountMinor, currency: 'USD', paymentToken: 'tok', capture: 'manual' } as const;
      const { id } = await gateway.port.authorize({ ...request, ...charge });
      return id;
    },
  };
}

/** Makes a charge that was captured. */
export async function captured(made: UndoRig, amountMinor = 500): Promise<string> {
  const chargeId = await made.authorise();
  await made.capture(chargeId, amountMinor);
  return chargeId;
}

/** The mutations that arrived, without their keys. */
export const sentNames = ({ gateway }: UndoRig): string[] =>
  gateway.sent.map((sent) => sent.split(' ')[0] ?? '');
