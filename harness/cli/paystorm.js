#!/usr/bin/env node
// The sources run unbuilt, which an older Node cannot do. In a checkout that Node is pinned as a package, so that
// `npx paystorm` works whatever the machine's own Node is; this file is JavaScript so that any Node can get this far.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const runsTypeScript = major > 22 || (major === 22 && minor >= 18);

if (runsTypeScript) {
  await import('./main.ts');
} else {
  runOnPinnedNode();
}

function runOnPinnedNode() {
  const pinnedNode = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));
  if (!existsSync(pinnedNode)) {
    console.error(
      `paystorm needs Node 22.18 or newer, and this is Node ${process.versions.node}.\n` +
        'In a checkout, `npm ci` installs a Node that fits; elsewhere, install a newer Node and run paystorm again.',
    );
    process.exitCode = 2;
    return;
  }
  const child = spawn(pinnedNode, process.argv.slice(1), { stdio: 'inherit' });
  // Staying alive until the child ends lets it save what it found and choose the exit code. A terminal sends Ctrl-C to
  // the whole process group, so the child has that one already, and a second would read as an impatient user.
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  child.on('error', (error) => {
    console.error(
      `paystorm could not start ${pinnedNode}: ${error.message}\nRun \`npm ci\` to install it again.`,
    );
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
  });
}
