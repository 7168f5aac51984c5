// @ts-check
/**
 * Makes a checkout ready to run: checks Node, installs the packages when the lockfile asks for it, and with --build compiles
 * into dist/ and bundles the workflows. Quick when nothing changed. Uses Node's builtins only, since it runs before there is
 * a node_modules.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The checkout's root. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const MINIMUM_NODE = /** @type {const} */ ([20, 12]);
const MARKER = join(root, 'node_modules', '.tocsin-lock-hash');
const STAMP = join(root, 'dist', '.build-stamp');
/** Folders that are no part of the program; those beginning with a dot aren't either. See tsconfig.build.json. */
const NOT_BUILT = new Set([
  'node_modules',
  'dist',
  'examples',
  'test',
  'bench',
  'docs',
  'scripts',
  'bin',
  'deploy',
]);
const SETTINGS = /** @type {const} */ ([
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
  'package-lock.json',
]);
const TICK_MS = 5_000;
const KEPT_OUTPUT = 20_000;

export const began = Date.now();

/**
 * A line of progress with the time since the start, on stderr: stdout is for answers.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`[${Math.round((Date.now() - began) / 1_000)} s] ${line}\n`);
}

/** A failure that is told in its own words, without a stack. */
export class Failure extends Error {}

/**
 * Runs what a script is for; a {@link Failure} becomes one sentence and exit code 1.
 * @param {() => Promise<void>} main
 */
export async function runScript(main) {
  try {
    await main();
  } catch (error) {
    process.stderr.write(
      `${error instanceof Failure ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
    );
    process.exitCode = 1;
  }
}

/**
 * Runs a command quietly, telling every 5 seconds that it goes on. Its output is returned for the failure's words.
 * @param {string} label
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ code: number | null, output: string }>}
 */
export function runQuietly(label, command, args, options = {}) {
  say(label);
  const started = Date.now();
  const ticker = setInterval(
    () => say(`${label} … ${Math.round((Date.now() - started) / 1_000)} s`),
    TICK_MS,
  );
  return new Promise((resolve, reject) => {
    let output = '';
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
    };
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: options.env ?? process.env,
    });
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => {
      clearInterval(ticker);
      reject(new Failure(`${label}: ${command} could not be started (${error.message}).`));
    });
    child.on('close', (code) => {
      clearInterval(ticker);
      resolve({ code, output });
    });
  });
}

/**
 * @param {string} output
 * @param {number} count
 */
export function lastLines(output, count) {
  return output.trimEnd().split('\n').slice(-count).join('\n');
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [needMajor, needMinor] = MINIMUM_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  throw new Failure(
    `Tocsin needs Node ${needMajor}.${needMinor} or newer and this is ${process.versions.node}: install a newer Node, and try again.`,
  );
}

async function installPackages() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).digest('hex');
  if (existsSync(MARKER) && readFileSync(MARKER, 'utf8') === hash) return;
  if (!installedMatches(JSON.parse(lock.toString('utf8')))) {
    // Under npm, npm's own program is known; it starts the same way on every system.
    const npm = process.env['npm_execpath'];
    const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    const label = 'installing packages (npm ci)';
    const { code, output } =
      npm !== undefined && npm.endsWith('.js')
        ? await runQuietly(label, process.execPath, [npm, ...args])
        : await runQuietly(label, process.platform === 'win32' ? 'npm.cmd' : 'npm', args);
    if (code !== 0) {
      throw new Failure(
        `npm ci failed, so the packages are not installed; check the network and the npm registry that is configured, and try again. npm said:\n${lastLines(output, 12)}`,
      );
    }
  }
  writeFileSync(MARKER, hash);
}

/**
 * Whether node_modules already holds what the lockfile says (somebody ran npm ci by hand): npm keeps its own list.
 * @param {{ packages: Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> }} lock
 */
function installedMatches(lock) {
  const file = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(file)) return false;
  const installed = JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  return Object.entries(lock.packages).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' ||
      (installed[path] === undefined
        ? optional === true || devOptional === true
        : installed[path].version === version),
  );
}

/** @returns {string[]} the program's files, relative to the root, sorted */
function sourceFiles() {
  /** @type {string[]} */
  const files = [];
  const walk = (/** @type {string} */ directory) => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const path = join(directory, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) files.push(relative(root, path));
    }
  };
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (entry.isDirectory() && !entry.name.startsWith('.') && !NOT_BUILT.has(entry.name))
      walk(join(root, entry.name));
  }
  return files.sort();
}

/**
 * What was built, in one hash: the program's files and what decides how they are built.
 * @param {readonly string[]} files
 */
function stampOf(files) {
  const hash = createHash('sha256');
  for (const file of [...files, ...SETTINGS]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * Whether the sources beside the built program are no longer those it was built from. An installation without sources is
 * never stale. Takes about 20 ms.
 */
export function isStale() {
  if (!SETTINGS.every((file) => existsSync(join(root, file)))) return false;
  const files = sourceFiles();
  if (!files.some(isCode)) return false;
  return !existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== stampOf(files);
}

async function build() {
  const files = sourceFiles();
  const stamp = stampOf(files);
  const complete = files.every((file) => !isCode(file) || existsSync(compiledFile(file)));
  if (complete && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) return;
  // The compiler's memory says that it wrote everything: where something is gone it must forget.
  if (!complete && existsSync(STAMP)) rmSync(join(root, 'dist', '.tsbuildinfo'), { force: true });
  rmSync(STAMP, { force: true });
  removeOrphans(new Set(files));

  const { code, output } = await runQuietly('compiling', process.execPath, [
    compiler(),
    '-p',
    'tsconfig.build.json',
    '--pretty',
    'false',
  ]);
  if (code !== 0) {
    const errors = output.split('\n').filter((line) => /error TS\d+/.test(line));
    throw new Failure(
      `Compiling failed with ${errors.length} error${errors.length === 1 ? '' : 's'}; mend ${errors.length === 1 ? 'it' : 'them'} and try again:\n${(errors.length > 0 ? errors.slice(0, 10) : [lastLines(output, 10)]).join('\n')}`,
    );
  }
  for (const file of files) {
    if (isCode(file) || extname(file) === '.md') continue;
    mkdirSync(join(root, 'dist', dirname(file)), { recursive: true });
    cpSync(join(root, file), join(root, 'dist', file));
  }
  const bundler = join(root, 'dist', 'worker', 'build-bundle.js');
  if (existsSync(bundler)) {
    const result = await runQuietly('bundling the workflows', process.execPath, [
      '--enable-source-maps',
      bundler,
    ]);
    if (result.code !== 0) {
      throw new Failure(`Bundling the workflows failed; the bundler said:\n${lastLines(result.output, 15)}`);
    }
  }
  writeFileSync(STAMP, stamp);
  say('built');
}

/** The TypeScript compiler's program; its package names it (`tsc`, or `tsc6` in the TypeScript 6 package). */
function compiler() {
  const folder = join(root, 'node_modules', 'typescript');
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, bin.tsc ?? bin.tsc6);
}

/** @param {string} file */
function compiledFile(file) {
  return file.endsWith('.d.ts') ? join(root, file) : join(root, 'dist', file.replace(/\.ts$/, '.js'));
}

/** @param {string} file */
function isCode(file) {
  return file.endsWith('.ts');
}

/**
 * Compiled files whose source is gone would still be imported: they go too, and the compiler's memory of them.
 * @param {Set<string>} sources
 */
function removeOrphans(sources) {
  const dist = join(root, 'dist');
  if (!existsSync(dist)) return;
  for (const entry of readdirSync(dist, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const file = relative(dist, path);
    if (!entry.isFile() || !/\.js(\.map)?$/.test(file) || !file.includes(sep)) continue;
    const plain = file.replace(/\.map$/, '');
    if (sources.has(plain) || sources.has(plain.replace(/\.js$/, '.ts'))) continue;
    // What the bundler makes has no source of its own name.
    if (/bundle/.test(plain)) continue;
    rmSync(path);
  }
}

/**
 * @param {{ build: boolean }} options
 */
export async function prepare(options) {
  checkNode();
  await installPackages();
  if (options.build) await build();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runScript(() => prepare({ build: process.argv.includes('--build') }));
}
