// The folder in which a run leaves what it found, and where replay looks for it. It is opened, and proven to be
// writable, before a run begins: a campaign that cannot save its findings is not worth starting.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Case } from '../cases/case.ts';
import { encodeCase } from '../cases/codec.ts';

/** The output folder cannot be used. The message says which, why, and what to do. */
export class OutputFolderError extends Error {
  constructor(folder: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`cannot write to ${folder}: ${why}; name a folder that can be written with --output-dir`, {
      cause,
    });
    this.name = 'OutputFolderError';
  }
}

/** Where cases are kept below an output folder. */
export function casesFolder(outputDir: string): string {
  return join(outputDir, 'cases');
}

/**
 * Creates the output folder and proves that a file can be written there.
 *
 * @throws OutputFolderError when it cannot.
 */
export function openOutputFolder(outputDir: string): void {
  const folder = casesFolder(outputDir);
  const probe = join(folder, `.probe-${process.pid}`);
  try {
    makeFolder(folder);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (cause) {
    throw new OutputFolderError(folder, cause);
  }
}

/**
 * Creates a folder and those above it, one by one: Node's own recursive `mkdirSync` never returns where a file system
 * answers ENOENT to every mkdir, as procfs does.
 */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (cause) {
    // Another run may have created it meanwhile.
    if (!existsSync(folder)) throw cause;
  }
}

/**
 * Saves a case under the name of the invariant that it breaks and returns the path. The same case found again goes
 * to the same file; a different one never overwrites it.
 *
 * @throws OutputFolderError when it cannot be written.
 */
export function saveCase(outputDir: string, subject: Case, invariantName: string): string {
  const text = encodeCase(subject);
  const hash = createHash('sha256').update(text).digest('hex');
  const folder = casesFolder(outputDir);
  try {
    makeFolder(folder);
    for (const digits of [4, 8, 16]) {
      const path = join(folder, `${invariantName}-${hash.slice(0, digits)}.json`);
      if (existsSync(path) && readFileSync(path, 'utf8') !== text) continue;
      writeFileSync(path, text);
      return path;
    }
  } catch (cause) {
    throw new OutputFolderError(folder, cause);
  }
  throw new OutputFolderError(
    folder,
    new Error(`names for ${invariantName}-${hash.slice(0, 4)} are all taken`),
  );
}

/** The case files in a folder, by name; empty when there is no such folder. Files that start with a dot are not cases. */
export function caseFilesIn(folder: string): readonly string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  return names.toSorted().map((name) => join(folder, name));
}
