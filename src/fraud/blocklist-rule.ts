// Refuses who is known to be bad.

import { optionCheck } from '../resilience/option-check.ts';
import { type FraudContext, type FraudRule, unsuspicious } from './rule.ts';

/** Options of {@link blocklistRule}. */
export interface BlocklistOptions<Context extends FraudContext> {
  /** What the list is of, such as `email`; the rule is called `blocklist <name>`. */
  readonly name: string;
  /** What is looked up; undefined where nothing is known, which is not on any list. */
  readonly subject: (context: Context) => string | undefined;
  /** The list, or a way to ask one that is kept elsewhere. It gets what `normalise` returns. */
  readonly listed: Iterable<string> | ((subject: string) => boolean | Promise<boolean>);
  /** Makes spellings of one subject equal. Default: NFKC, without space around it, in lower case. */
  readonly normalise?: (subject: string) => string;
}

const check = optionCheck('blocklistRule');

/**
 * Blocks a payment whose subject is on the list. The reason does not quote the subject.
 *
 * @throws ValidationError when an option is unusable.
 */
export function blocklistRule<Context extends FraudContext = FraudContext>({
  name,
  subject,
  listed,
  normalise = folded,
}: BlocklistOptions<Context>): FraudRule<Context> {
  check.text('name', name);
  check.callback('subject', subject);
  check.callback('normalise', normalise);
  const isListed = typeof listed === 'function' ? listed : inSet(new Set([...listed].map(normalise)));
  const rule: FraudRule<Context> = async (context) => {
    const given = subject(context);
    if (given === undefined) return unsuspicious(`no ${name} is known`);
    const found: unknown = await isListed(normalise(given));
    if (typeof found !== 'boolean')
      throw new TypeError(`the list of ${name} answered neither true nor false`);
    if (!found) return unsuspicious(`${name} is not listed`);
    return { decision: 'BLOCK', score: 100, reason: `${name} is on the blocklist` };
  };
  return Object.assign(rule, { ruleName: `blocklist ${name}` });
}

function folded(subject: string): string {
  return subject.normalize('NFKC').trim().toLowerCase();
}

function inSet(set: ReadonlySet<string>): (subject: string) => boolean {
  return (subject) => set.has(subject);
}
