// The checkout that the tests of the saga run: reserve, authorise, capture, ship, tell.

import type { GatewayCapabilities, PaymentGateway } from '../gateway/port.ts';
import type { SagaPage } from './event.ts';
import type { SagaOptions } from './options.ts';
import { type Saga, saga } from './saga.ts';
import type { ResolveCall, SagaStep } from './step.ts';
import { type FakeService, fakeService, type Ground, ground, lifeOf } from './testing.ts';
import { type FakeGateway, fakeGateway } from './testing-gateway.ts';
import { undoPayment } from './undo-payment.ts';

/** The context of the checkout. */
export interface Checkout {
  readonly amountMinor: number;
  readonly charge?: { readonly id: string; readonly merchantReference: string };
  readonly shipped?: boolean;
}

/** A shop and everything that outlives its processes. */
export interface Shop extends Ground {
  readonly gateway: FakeGateway;
  readonly service: FakeService;
  /** Starts a process. */
  start(options?: Partial<SagaOptions<Checkout>>, crashAt?: number): Saga<Checkout> & { crossings(): number };
}

/** A shop whose gateway promises what it is told. */
export function shop(promised: Partial<GatewayCapabilities> = {}): Shop {
  const base = ground();
  const gateway = fakeGateway(base.runtime, promised);
  const service = fakeService();
  return {
    ...base,
    gateway,
    service,
    start(options = {}, crashAt) {
      const life = lifeOf(base.runtime, crashAt);
      const steps = checkoutSteps({
        gateway: { ...gateway, port: life.through(gateway.port) },
        service: life.through(service),
      });
      const made = saga<Checkout>({
        name: 'checkout',
        steps,
        leaseMs: 10_000,
        maxRenewals: 1,
        onCall: life.through({ call: (page: SagaPage) => base.pages.push(page) }).call,
        observe: (event) => base.events.push(event),
        ...options,
        runtime: life.runtime,
        journal: life.through(options.journal ?? base.journal),
      });
      return { ...made, crossings: life.crossings };
    },
  };
}

/** The steps over a gateway and a service. */
function checkoutSteps({ gateway, service }: Pick<Shop, 'gateway' | 'service'>): SagaStep<Checkout>[] {
  const { port } = gateway;
  const undo = undoPayment<Checkout>({
    gateway: port,
    charge: ({ charge }, { stepKey }) => charge ?? { merchantReference: stepKey },
  });
  const resend = { onUnknown: 'resend' } as const;
  return [
    {
      ...resend,
      name: 'reserve',
      kind: 'compensable',
      async execute(_, { idempotencyKey }) {
        await service.act('reserve', idempotencyKey);
        return undefined;
      },
      async compensate(_, { idempotencyKey }) {
        await service.act('release', idempotencyKey);
        return { kind: 'undone' };
      },
    },
    {
      name: 'authorise',
      kind: 'compensable',
      onUnknown: 'resolve',
      async execute({ amountMinor }, { fence, idempotencyKey, merchantReference }) {
        fence();
        const request = { amountMinor, currency: 'USD', paymentToken: 'tok', capture: 'manual' } as const;
        const { id } = await port.authorize({ ...request, idempotencyKey, merchantReference });
        return { charge: { id, merchantReference } };
      },
      async resolve(_, call) {
        const { merchantReference } = call;
        const seen = await port.lookup({ by: 'reference', merchantReference });
        if (seen.kind === 'found')
          return { kind: 'done', result: { charge: { id: seen.charge.id, merchantReference } } };
        return { kind: isOver(port, call) ? 'not-done' : 'unknown' };
      },
      compensate: undo,
    },
    {
      name: 'capture',
      kind: 'compensable',
      onUnknown: 'resolve',
      async execute({ charge, amountMinor }, { fence, idempotencyKey, merchantReference }) {
        fence();
        await port.capture({ chargeId: charge?.id ?? '', amountMinor, idempotencyKey, merchantReference });
        return undefined;
      },
      async resolve({ charge }, call) {
        const merchantReference = charge?.merchantReference ?? '';
        const seen = await port.lookup({ by: 'reference', merchantReference });
        if (seen.kind === 'found' && seen.charge.status === 'captured') return { kind: 'done' };
        return { kind: isOver(port, call) ? 'not-done' : 'unknown' };
      },
      compensate: undo,
    },
    {
      ...resend,
      name: 'ship',
      kind: 'pivot',
      async execute(_, { idempotencyKey }) {
        await service.act('ship', idempotencyKey);
        return { shipped: true };
      },
    },
    {
      ...resend,
      name: 'tell',
      kind: 'retriable',
      async execute(_, { idempotencyKey }) {
        await service.act('tell', idempotencyKey);
        return undefined;
      },
    },
  ];
}

/** Whether nothing that was sent for a step can take effect, or be hidden from a look-up, any more. */
function isOver({ capabilities }: PaymentGateway, { nowMs, sentUntilMs }: ResolveCall): boolean {
  return nowMs >= sentUntilMs + capabilities.maxEffectDelayMs + capabilities.lookup.consistentAfterMs;
}
