// @ts-check
/** Programs that tests drive and that npm does not bring: installed with Debian's packages where that is possible. */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Failure, lastLines, runQuietly } from './prepare.mjs';

/**
 * @typedef {object} Program
 * @property {string} program its name on PATH
 * @property {string} debian the package that brings it
 * @property {string} use what the tests have it for
 * @property {string} [beside] where else it may be: a folder of folders, one for each version
 */

/** @type {readonly Program[]} */
export const END_TO_END = [
  {
    program: 'prometheus-alertmanager',
    debian: 'prometheus-alertmanager',
    use: 'a real Alertmanager that sends alerts',
  },
  { program: 'chromium', debian: 'chromium', use: 'a real browser for the pages' },
  { program: 'promtool', debian: 'prometheus', use: 'the tests of the alert rules' },
];

/** @type {readonly Program[]} */
export const STORE = [
  {
    program: 'initdb',
    debian: 'postgresql',
    use: 'a real PostgreSQL, as the store and under the Temporal Server',
    // Debian keeps the server's programs off PATH.
    beside: '/usr/lib/postgresql',
  },
];

/** @type {readonly Program[]} */
export const CLUSTER = [...END_TO_END, ...STORE];

/** @param {string} program */
function isOnPath(program) {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @param {Program} wanted */
function isHere({ program, beside }) {
  if (isOnPath(program)) return true;
  if (beside === undefined || !existsSync(beside)) return false;
  return readdirSync(beside).some((version) => existsSync(join(beside, version, 'bin', program)));
}

/**
 * Installs what is missing, as root on Debian; elsewhere says what to install.
 * @param {readonly Program[]} programs
 * @param {string} otherwise what a person may do instead, as a sentence; may be empty
 */
export async function bringPrograms(programs, otherwise) {
  const missing = programs.filter((program) => !isHere(program));
  if (missing.length === 0) return;
  const packages = missing.map(({ debian }) => debian);
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const needs = missing.map(({ program, use }) => `${program} (${use})`).join(' and ');
  const byHand = `These tests need ${needs}. Install with: ${command} (as root; elsewhere put programs of these names on PATH). ${otherwise}`;
  if (process.getuid?.() !== 0 || !isOnPath('apt-get')) throw new Failure(byHand);
  // RUNLEVEL=1 keeps Debian's scripts from starting what they install as a service: see invoke-rc.d(8).
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await runQuietly('refreshing Debian’s package list', 'apt-get', ['update', '-q'], { env });
  const { code, output } = await runQuietly(
    `installing ${packages.join(' and ')}`,
    'apt-get',
    command.split(' ').slice(1),
    { env },
  );
  if (code !== 0) throw new Failure(`${byHand} Installing it here failed:\n${lastLines(output, 5)}`);
}
