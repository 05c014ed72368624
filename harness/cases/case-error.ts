// Said to people who wrote or edited a case by hand, so it names the file, the place and the way out.

/** A text that is not a case, or a case that no world can carry out. */
export class CaseError extends Error {
  /** Where the case came from; absent when it has no file. */
  readonly file: string | undefined;
  /** Everything that is wrong with it, one sentence each, of which the message shows the first three. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[], file?: string) {
    super(message(problems, file));
    this.name = 'CaseError';
    this.file = file;
    this.problems = problems;
  }
}

const shown = 3;

function message(problems: readonly string[], file: string | undefined): string {
  const where = file === undefined ? 'The case' : `The case in ${file}`;
  const rest = problems.length - shown;
  const lines = problems.slice(0, shown).map((problem) => `\n  - ${problem}`);
  const more = rest > 0 ? `\n  … and ${rest} more` : '';
  return `${where} cannot be used:${lines.join('')}${more}`;
}
