// Convinces on the real reference: every case must be one that can be carried out, hardly any may come twice, the fault of
// nearly every single must strike, and the first round must have had every kind of fault that there is for orders.

import { describe, expect, it } from 'vitest';
import { everyFault, type ProfileName } from '../cases/case.ts';
import { semanticProblems } from '../cases/semantics.ts';
import { focuses } from '../checkers/focus.ts';
import { brokenAssumptions } from '../faults/assumptions.ts';
import { faultFacts, faultKinds } from '../faults/kinds.ts';
import { capabilitiesOf } from '../gateway-twin/profiles.ts';
import { runCase } from '../run.ts';
import { reference } from '../targets/reference.ts';
import { orderBasesFor } from './order-bases.ts';
import type { SystematicCase } from './systematic.ts';
import { systematicOrders } from './systematic-orders.ts';

type Focus = Parameters<typeof orderBasesFor>[1];

const optionsOf = (focus: Focus, profile: ProfileName = 'stripe') => ({
  target: reference.name,
  profile,
  dedup: capabilitiesOf(profile).dedup,
  suite: focus,
  focus,
  seed: 3,
});

async function firstOf(count: number, options: ReturnType<typeof optionsOf>): Promise<SystematicCase[]> {
  const cases: SystematicCase[] = [];
  if (count === 0) return cases;
  for await (const next of systematicOrders((subject) => runCase(subject, reference), options))
    if (cases.push(next) === count) break;
  return cases;
}

describe('systematicOrders', () => {
  it('offers sound cases, hardly any twice, and whole rounds of singles before pairs', async () => {
    const cases = await firstOf(2_500, optionsOf('checkout', 'mango'));
    const texts = new Set<string>();
    for (const { case: subject } of cases) {
      expect(semanticProblems(subject)).toEqual([]);
      expect(brokenAssumptions(everyFault(subject), capabilitiesOf('mango'))).toEqual([]);
      texts.add(JSON.stringify(subject));
    }
    // Two faults of one base may be one fault of another, which is about the first of them.
    expect(texts.size / cases.length).toBeGreaterThan(0.99);
    const order = cases.map(({ strategy }) => strategy);
    expect(order.lastIndexOf('no-fault')).toBeLessThan(order.indexOf('one-fault'));
    expect(order.lastIndexOf('one-fault')).toBeLessThan(order.indexOf('two-faults'));
    expect(order.indexOf('two-faults')).toBeGreaterThan(1_000);
  });

  it('has had every kind of fault once before any comes for the third time', async () => {
    const cases = await firstOf(80, optionsOf('checkout'));
    const kinds = new Set(cases.flatMap(({ case: subject }) => everyFault(subject)).map(({ kind }) => kind));
    const missing = faultKinds.filter((kind) => faultFacts[kind].breaks === undefined && !kinds.has(kind));
    expect(missing).toEqual([]);
  });

  it('strikes where it says, in the second process, in sweeps, deliveries and reports as well', async () => {
    const cases = (await firstOf(400, optionsOf('checkout'))).filter(
      ({ strategy }) => strategy === 'one-fault',
    );
    let struck = 0;
    const carriers = new Set<string>();
    for (const { case: subject } of cases) {
      const { history } = await runCase(subject, reference);
      const kind = everyFault(subject).at(-1)?.kind;
      for (const actor of Object.keys(subject.background ?? {})) carriers.add(actor.replace(/\d.*/, ''));
      if (kind?.startsWith('row-')) struck += 1;
      else if (history.crossings.some(({ faults }) => faults.some((there) => there === kind))) struck += 1;
    }
    expect(struck / cases.length).toBeGreaterThan(0.97);
    expect([...carriers].sort()).toEqual(['sweep:', 'twin:deliver:evt_', 'twin:row:txn_ch_']);
  });

  it('has bases for everything that orders are about', () => {
    for (const focus of focuses) {
      if (focus === 'charge') continue;
      expect([focus, orderBasesFor(optionsOf(focus), focus, 3).length > 0]).toEqual([focus, true]);
    }
  });
});
