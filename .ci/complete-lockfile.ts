// npm leaves out of the lockfile what the registry in use does not carry, and `npm ci` then refuses the lockfile. A
// mirror may well carry one platform's binaries only; the others are entered here from the versions that their parents
// ask for, without a checksum, so that the same lockfile installs on every platform. Run after `npm install`.
import { readFileSync, writeFileSync } from 'node:fs';

interface Entry {
  version?: string;
  dev?: boolean;
  license?: string;
  engines?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

const lockfile: { packages: Record<string, Entry> } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
for (const parent of Object.values({ ...lockfile.packages })) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (lockfile.packages[path]) continue;
    const words = name.split(/[/-]/);
    const os = words.filter((word) => systems.includes(word));
    const cpu = words.filter((word) => processors.includes(word));
    if (os.length !== 1 || cpu.length !== 1 || !/^\d/.test(version)) {
      console.error(`${name}@${version} is not in the lockfile, and its name does not tell its platform`);
      process.exitCode = 1;
      continue;
    }
    const libc = ['musl', 'glibc'].filter(
      (kind) => words.includes(kind) || (kind === 'glibc' && words.includes('gnu')),
    );
    const { dev, license, engines } = parent;
    const entry = {
      version,
      cpu,
      dev,
      ...(libc.length > 0 && { libc }),
      license,
      optional: true,
      os,
      engines,
    };
    lockfile.packages[path] = entry as Entry;
    console.log(`entered ${name}@${version}`);
  }
}
lockfile.packages = Object.fromEntries(
  Object.entries(lockfile.packages).sort(([a], [b]) => a.localeCompare(b, 'en')),
);
writeFileSync('package-lock.json', `${JSON.stringify(lockfile, null, 2)}\n`);
