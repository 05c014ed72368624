// The books and their outbox in Redis: each operation is one script, so it is atomic and one round trip.

import type {
  AccountTotal,
  CommitAnswer,
  EntryWrite,
  EventWrite,
  LedgerStore,
  PostedEntry,
  UnitWrite,
} from '../../ledger/ledger-store.ts';
import type { ClaimedEvent, DeadLetter, DeliveryOutcome, OutboxStore } from '../../ledger/outbox-store.ts';
import { ledgerScripts } from './ledger-scripts.ts';
import { type RedisStoreOptions, storeRunner } from './options.ts';
import { outboxScripts } from './outbox-scripts.ts';
import { fieldsIn, flagIn, listIn, numberIn, textIn } from './reply.ts';
import type { ScriptArgument } from './script.ts';

/**
 * A `LedgerStore` with its `OutboxStore` in Redis 7.0 or later. Books are kept for ever, here in memory: for those that grow
 * large, Postgres is the better place. They need the server that `redisIdempotencyStore` asks for, and a failover that loses
 * acknowledged writes loses entries: reconciliation finds them.
 *
 * @throws ValidationError for options that cannot work.
 */
export function redisLedgerStore(options: RedisStoreOptions): LedgerStore & OutboxStore {
  const run = storeRunner('ledger', options);
  return {
    commit: async (units) => commitIn(await run(ledgerScripts.commit, ...counted(units, unitArgs)), units),
    async entries({ after, limit }) {
      const rows = listIn(await run(ledgerScripts.entries, after, limit));
      return rows.map((row, at) => entryIn(textIn(row), after + at + 1));
    },
    async totals({ merchantReference }) {
      const totals = merchantReference === undefined ? ':totals' : `:t:${merchantReference}`;
      return totalsIn(fieldsIn(await run(ledgerScripts.totals, totals)));
    },
    claim: async ({ limit, leaseMs }) =>
      listIn(await run(outboxScripts.claim, limit, leaseMs)).map(claimedIn),
    settle: async ({ id, token, outcome }) =>
      flagIn(await run(outboxScripts.settle, id, token, outcome.kind, detailOf(outcome))),
    deadLetters: async ({ limit }) => listIn(await run(outboxScripts.deadLetters, limit)).map(letterIn),
    requeue: async (id) => flagIn(await run(outboxScripts.requeue, id)),
    prune: async ({ olderThanMs, limit }) => numberIn(await run(outboxScripts.prune, olderThanMs, limit)),
  };
}

/** Where a total is cut in two, so that the server's integers hold any sum. */
const cut = 1_000_000_000;

/** How many there are, then what each is written as. */
function counted<Item>(items: readonly Item[], args: (item: Item) => readonly ScriptArgument[]) {
  return [items.length, ...items.flatMap(args)];
}

function unitArgs({ effect, entries, events }: UnitWrite): readonly ScriptArgument[] {
  return [effect, ...counted(entries, entryArgs), ...counted(events, eventArgs)];
}

function entryArgs(entry: EntryWrite): readonly ScriptArgument[] {
  const { key, fingerprint, payment, postings } = entry;
  const about = [Number(payment !== undefined), payment?.merchantReference ?? ''];
  const lines = counted(postings, ({ account, currency, amountMinor }) => [
    `${account}\n${currency}`,
    Math.trunc(amountMinor / cut),
    amountMinor % cut,
  ]);
  return [key, fingerprint, JSON.stringify(entry), ...about, ...lines];
}

function eventArgs(event: EventWrite): readonly ScriptArgument[] {
  return [event.id, event.fingerprint, event.aggregate, JSON.stringify(event)];
}

function detailOf(outcome: DeliveryOutcome): ScriptArgument {
  switch (outcome.kind) {
    case 'delivered':
      return '';
    case 'failed':
      return outcome.delayMs;
    case 'dead':
      return outcome.reason;
  }
}

function commitIn(reply: unknown, units: readonly UnitWrite[]): CommitAnswer {
  const [committed, second, name] = listIn(reply);
  if (!flagIn(committed)) {
    const kind = second === 'entry' ? 'entry' : 'event';
    return { committed: false, conflict: { kind, name: textIn(name) } };
  }
  const outcomes = listIn(second).map(listIn);
  return {
    committed: true,
    outcomes: units.map(({ effect }, at) => {
      const [applied, entries, events] = outcomes[at] ?? [];
      const newEntries = listIn(entries).map(textIn);
      return { effect, applied: flagIn(applied), newEntries, newEvents: listIn(events).map(textIn) };
    }),
  };
}

/** When it was posted, a space, and the entry. */
function entryIn(row: string, sequence: number): PostedEntry {
  const end = row.indexOf(' ');
  return { ...JSON.parse(row.slice(end + 1)), sequence, postedAtMs: Number(row.slice(0, end)) };
}

function totalsIn(parts: ReadonlyMap<string, string>): readonly AccountTotal[] {
  const names = [...parts.keys()].flatMap((field) => (field.endsWith('\nabove') ? [field.slice(0, -6)] : []));
  return names.sort().map((name) => {
    const [account = '', currency = ''] = name.split('\n');
    const part = (which: string): bigint => BigInt(parts.get(`${name}\n${which}`) ?? 0);
    return { account, currency, totalMinor: String(part('above') * BigInt(cut) + part('below')) };
  });
}

function claimedIn(reply: unknown): ClaimedEvent {
  const [event, token, attempts, pending] = listIn(reply);
  return {
    event: JSON.parse(textIn(event)),
    token: numberIn(token),
    attempts: numberIn(attempts),
    hasNext: numberIn(pending) > 1,
  };
}

function letterIn(reply: unknown): DeadLetter {
  const [event, attempts, reason, diedAtMs] = listIn(reply);
  return {
    event: JSON.parse(textIn(event)),
    attempts: numberIn(attempts),
    reason: textIn(reason),
    diedAtMs: numberIn(diedAtMs),
  };
}
