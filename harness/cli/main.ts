// The command line: which verbs and flags there are, and how a mistake in them is answered. Each verb's work is in
// a file of its own, loaded when it is asked for, so that help and mistakes are answered at once.

import { Command, CommanderError } from 'commander';
import { keepWorldsYoung } from '../heap-flags.ts';
import { OutputFolderError } from '../replay/saved-cases.ts';
import { line, printable, toned } from '../report/text.ts';
import { targets } from '../targets/registry.ts';
import type { BenchFlags } from './bench-settings.ts';
import type { DemoFlags } from './demo.ts';
import type { DoctorFlags } from './doctor.ts';
import type { MutantsFlags } from './mutants-settings.ts';
import { allowingHosts, needStores } from './real-services.ts';
import type { ReplayFlags } from './replay.ts';
import { choices, type RunFlags } from './run-settings.ts';
import { type Terminal, terminal } from './terminal.ts';
import { quoted, UsageError, unknownName } from './usage-error.ts';
import { version } from './version.ts';

const usageExitCode = 2;
const defaultOutputDir = '.paystorm';

keepWorldsYoung();
await main();

async function main(): Promise<void> {
  const output = terminal({ stdout: process.stdout, stderr: process.stderr, env: process.env });
  let unwritten: Error | undefined;
  // A reader that closes its end early, such as `head`, has seen enough; the work goes on and so does its verdict.
  // Output that could not be written for another reason is lost, and the exit code must not pretend otherwise.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED' || unwritten !== undefined) return;
    unwritten = error;
    output.complain([
      line(`paystorm: cannot write to stdout: ${error.message}; free some space and run again`),
    ]);
    process.exitCode = usageExitCode;
  });
  const finish = (exitCode: number): void => {
    process.exitCode = unwritten === undefined ? exitCode : usageExitCode;
  };
  const program = commandLine(output, finish);
  try {
    await program.parseAsync();
  } catch (error) {
    finish(answerTo(error, program, output));
  }
}

function commandLine(output: Terminal, finish: (exitCode: number) => void): Command {
  const program = new Command('paystorm')
    .description(
      'Storms payment code with retries, lost responses, crashes and duplicates, and checks what it does with money.',
    )
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError(false)
    .helpCommand(false);
  allowingHosts(program.command('run'))
    .description(
      'generate cases, run them, check every invariant, shrink and save what breaks, tell its story',
    )
    .option(
      '--suite <name>',
      `what the cases are about: ${choices.suite.join(', ')} (default: all; where no orders are taken, charge)`,
    )
    .option(
      '--target <name>',
      `the system under the storm: ${targets.map(({ name }) => name).join(', ')} (default: reference)`,
    )
    .option(
      '--tier <name>',
      `how: ${choices.tier.join(', ')} (msw goes through the real stripe SDK; real adds processes that are killed, and servers)`,
      'sim',
    )
    .option('--profile <name>', `how the gateway treats keys: ${choices.profile.join(', ')}`, 'stripe')
    .option('--stores <name>', `where records are kept: ${choices.stores.join(', ')}`, 'memory')
    .option('--strategy <name>', `how cases are found: ${choices.strategy.join(', ')}`, 'mixed')
    .option(
      '--runs <n>',
      'stop after this many cases (default: 5000; of --suite charge 10000, of another 1000; with --tier msw 500, with real 100)',
    )
    .option('--max-time <seconds>', 'stop at the end of a batch of cases after this time')
    .option('--seed <n>', 'repeat an earlier run (default: drawn)')
    .option('--shard <i/n>', 'run only the i-th of n parts')
    .option('--workers <n>', 'run cases on this many threads; the result is the same (default: 1)')
    .option('--bail', 'stop at the first broken invariant')
    .option('--no-shrink', 'save what breaks as it was found')
    .option('--output-dir <dir>', 'where findings are saved', defaultOutputDir)
    .option('--reporter <name>', `${choices.reporter.join(', ')}`, 'terminal')
    .option('--json', 'one JSON object on stdout and nothing else')
    .option('--verbose', 'add counts by mark and what the generated cases were like')
    .action(async (flags: RunFlags) => {
      if (flags.tier === 'real') await needStores(flags.stores);
      const { run } = await import('./run.ts');
      finish(await run(flags, output));
    });
  allowingHosts(program.command('replay'))
    .description('run saved cases again, exactly: each HOLDS, is BROKEN, is FIXED, or is an ERROR')
    .argument('[file...]', 'case files or folders (default: those that the last runs saved)')
    .option(
      '--target <name>',
      `another target than the case names: ${targets.map(({ name }) => name).join(', ')}`,
    )
    .option('--seed <n>', 'another seed than the case names')
    .option('--output-dir <dir>', 'where runs saved their findings', defaultOutputDir)
    .option('--json', 'one JSON object on stdout and nothing else')
    .action(async (files: string[], flags: ReplayFlags) => {
      const { replay } = await import('./replay.ts');
      finish(await replay(files, flags, output));
    });
  addDemo(program, output, finish);
  addMutants(program, output, finish);
  addBench(program, output, finish);
  addDoctor(program, output, finish);
  return program;
}

function addDemo(program: Command, output: Terminal, finish: (exitCode: number) => void): void {
  program
    .command('demo')
    .description('tell the seven walkthroughs of a checkout: what happens in each, and what is checked')
    .option('--target <name>', 'another shop, such as one with a planted bug', 'reference')
    .option('--seed <n>', 'another seed than the cases name')
    .option('--json', 'one JSON object on stdout and nothing else')
    .action(async (flags: DemoFlags) => {
      const { demo } = await import('./demo.ts');
      finish(await demo(flags, output));
    });
}

function addMutants(program: Command, output: Terminal, finish: (exitCode: number) => void): void {
  program
    .command('mutants')
    .description(
      'put the harness on trial: hunt every planted bug under every profile that exposes it, and storm the reference as long',
    )
    .option('--trials <n>', 'hunt each this often: half from fixed seeds, half from fresh ones (default: 1)')
    .option('--runs <n>', 'give a hunt up after this many cases (default: 20000, of orders 3000)')
    .option('--class <list>', 'hunt bugs of these classes only, such as saga,webhook')
    .option('--only <id...>', 'hunt these planted bugs only')
    .option('--profile <name>', `hunt under this profile only: ${choices.profile.join(', ')}`)
    .option('--seed <n>', 'derive the fresh seeds from this number (default: drawn)')
    .option('--json', 'one JSON object on stdout and nothing else')
    .action(async (flags: MutantsFlags) => {
      const { mutants } = await import('./mutants.ts');
      finish(await mutants(flags, output));
    });
}

function addBench(program: Command, output: Terminal, finish: (exitCode: number) => void): void {
  program
    .command('bench')
    .description(
      'stacks: which orders of the layers are safe, what each costs on a bad day, and the story of each unsafe pair',
    )
    .argument('<what>', 'stacks')
    .option(
      '--orders <list>',
      'all, recommended, or orders such as idem>retry>… (default: some worth seeing)',
    )
    .option('--profiles <list>', 'fault profiles, such as healthy,brown-out (default: all)')
    .option('--gateway <name>', `how the gateway treats keys: ${choices.profile.join(', ')}`, 'stripe')
    .option('--seed <n>', 'other days (default: 1, so that figures can be compared)')
    .option('--workers <n>', 'run on this many threads; the result is the same (default: 2)')
    .option('--runs <n>', 'cases that an order must survive on each gateway to be safe (default: 300)')
    .option('--baseline <file>', 'an earlier --json output: exit with 4 when safe orders got worse')
    .option('--threshold <percent>', 'by how much they may (default: 10)')
    .option('--output-dir <dir>', 'where stories are saved', defaultOutputDir)
    .option('--json', 'one JSON object on stdout and nothing else')
    .action(async (what: string, flags: BenchFlags) => {
      const { bench } = await import('./bench.ts');
      finish(await bench(what, flags, output));
    });
}

function addDoctor(program: Command, output: Terminal, finish: (exitCode: number) => void): void {
  allowingHosts(program.command('doctor'))
    .description(
      'what this machine has for real stores, which of it would be used, what to install for the rest',
    )
    .option('--json', 'one JSON object on stdout and nothing else')
    .action(async (flags: DoctorFlags) => {
      const { doctor } = await import('./doctor.ts');
      finish(await doctor(flags, output));
    });
}

/** Shows what went wrong and returns the exit code. */
function answerTo(error: unknown, program: Command, output: Terminal): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    if (error.code === 'commander.help') return usageExitCode;
    return complain(usageMessage(error, program), output);
  }
  if (error instanceof UsageError || error instanceof OutputFolderError)
    return complain(error.message, output);
  // Whatever else escapes is a fault of the harness; its stack is what a report of it needs.
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  output.complain([
    line(toned('bad', 'paystorm failed: '), 'this is a bug of paystorm or of the target, not a finding'),
  ]);
  output.complain(stack.split('\n').map((text) => line(text)));
  return usageExitCode;
}

function complain(message: string, output: Terminal): number {
  output.complain(
    message
      .split('\n')
      .map((text, index) => (index === 0 ? line(toned('bad', 'paystorm: '), text) : line(text))),
  );
  return usageExitCode;
}

/** Commander's complaint in the words of this program: what was wrong, and what is known. */
function usageMessage({ code, message }: CommanderError, program: Command): string {
  const given = /'([^']*)'/.exec(message)?.[1] ?? '';
  const verb = program.commands.find((command) => process.argv.slice(2).includes(command.name()));
  switch (code) {
    case 'commander.unknownCommand':
      return unknownName(given, { what: 'verb', names: program.commands.map((command) => command.name()) })
        .message;
    case 'commander.unknownOption': {
      const flags = [
        ...(verb ?? program).options.flatMap(({ long }) => (long == null ? [] : [long])),
        '--help',
      ];
      return unknownName(given, {
        what: verb === undefined ? 'flag' : `flag of ${verb.name()}`,
        names: flags,
      }).message;
    }
    case 'commander.optionMissingArgument':
      return `${given} needs a value; see paystorm ${verb?.name() ?? ''} --help`;
    case 'commander.missingArgument':
      return `paystorm ${verb?.name() ?? ''} needs to be told what; known: ${verb?.registeredArguments[0]?.description ?? given}`;
    case 'commander.excessArguments':
      return `paystorm ${verb?.name() ?? ''} takes flags only; ${quoted(strayArgument(verb))} is none`;
    default:
      return printable(message.replace(/^error: /, ''), 200);
  }
}

function strayArgument(verb: Command | undefined): string {
  return verb?.args[verb.registeredArguments.length] ?? process.argv.at(-1) ?? '';
}
