// Convinces by saving into real temporary folders: what is saved can be listed and read back, names don't collide,
// and a folder that cannot be written is refused by name.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Case } from '../cases/case.ts';
import { decodeCase } from '../cases/codec.ts';
import { caseFilesIn, casesFolder, OutputFolderError, openOutputFolder, saveCase } from './saved-cases.ts';

const found: Case = { paystorm: 1, target: 'reference', profile: 'stripe', seed: 1, steps: [] };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paystorm-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('saved cases', () => {
  it('carry the invariant and four digits of a hash in their names, and read back equal', () => {
    const path = saveCase(folder, found, 'single-charge');
    expect(basename(path)).toMatch(/^single-charge-[0-9a-f]{4}\.json$/);
    expect(decodeCase(readFileSync(path, 'utf8'))).toEqual(found);
  });

  it('go to one file when found twice, and to another when they differ', () => {
    const first = saveCase(folder, found, 'single-charge');
    expect(saveCase(folder, found, 'single-charge')).toBe(first);
    const second = saveCase(folder, { ...found, seed: 2 }, 'single-charge');
    expect(caseFilesIn(casesFolder(folder))).toEqual([first, second].toSorted());
  });

  it('never overwrite another file of the same name', () => {
    const path = saveCase(folder, found, 'single-charge');
    writeFileSync(path, 'edited by hand');
    const other = saveCase(folder, found, 'single-charge');
    expect(basename(other)).toMatch(/^single-charge-[0-9a-f]{8}\.json$/);
    expect(readFileSync(path, 'utf8')).toBe('edited by hand');
  });
});

describe('the output folder', () => {
  it('is created and left clean', () => {
    openOutputFolder(join(folder, 'new'));
    expect(caseFilesIn(casesFolder(join(folder, 'new')))).toEqual([]);
  });

  it('is refused by name when a file is in its way', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => openOutputFolder(file)).toThrow(OutputFolderError);
    expect(() => openOutputFolder(file)).toThrow(/cannot write to .*file.*--output-dir/);
    expect(() => saveCase(file, found, 'single-charge')).toThrow(OutputFolderError);
  });

  it('is refused where the file system creates nothing, rather than tried for ever', () => {
    // procfs answers ENOENT to every mkdir; elsewhere the folder is below a file, which is refused as well.
    const below = existsSync('/proc/self') ? '/proc' : join(folder, 'file');
    if (below !== '/proc') writeFileSync(below, '');
    const nowhere = join(below, 'nowhere');
    expect(() => openOutputFolder(nowhere)).toThrow(/cannot write to .*nowhere.*--output-dir/);
  });
});
