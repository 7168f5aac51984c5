import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../domain/time/instant.js';
import { configOf, load, said, yamlWith } from './support.js';

const KEY = 'b6d1f0a2c4e8b6d1f0a2c4e8';
const ENV = { KEY_NIGHTLY: KEY };

const one = (rest: string): string => `
  nightly-backup: { service: other, key: { env: KEY_NIGHTLY }, ${rest} }`;

function problemsOf(heartbeats: string, env: Readonly<Record<string, string>> = ENV, more = {}): string[] {
  return said(load(yamlWith({ heartbeats, ...more }), env))
    .filter(({ path }) => path.includes('heartbeat'))
    .map(({ level, path, message, remedy }) => `${level} ${path}: ${message} → ${remedy}`);
}

describe('heartbeats in the configuration', () => {
  it('have what is written, a tenth of the interval as grace, and the default zone', () => {
    const config = configOf(
      { heartbeats: one('every: 24h, grace: 90m, severity: SEV1'), defaults: '{ zone: Europe/Berlin }' },
      ENV,
    );
    expect(config.heartbeats).toEqual([
      {
        key: KEY,
        settings: {
          id: 'nightly-backup',
          service: 'other',
          severity: 'SEV1',
          everyMs: 24 * HOUR,
          graceMs: 90 * MINUTE,
          zone: 'Europe/Berlin',
        },
      },
    ]);
    const grace = (every: string): number | undefined =>
      configOf({ heartbeats: one(`every: ${every}`) }, ENV).heartbeats[0]?.settings.graceMs;
    expect([grace('30s'), grace('20m'), grace('7d')]).toEqual([MINUTE, 2 * MINUTE, HOUR]);
  });

  it.each([
    ['every: 29s', 'error heartbeats.nightly-backup.every: is shorter than 30s'],
    ['every: 0s', 'error heartbeats.nightly-backup.every: must be longer than nothing'],
    ['every: daily', 'error heartbeats.nightly-backup.every: is not a duration'],
    ['grace: 1h', 'error heartbeats.nightly-backup.every: is missing → Write how often a beat comes'],
    ['every: 1h, grace: 61m', 'warning heartbeats.nightly-backup.grace: is longer than every'],
    ['every: 1h, severity: SEV9', 'error heartbeats.nightly-backup.severity: there is no severity "SEV9"'],
    ['every: 1h, evry: 1h', 'error heartbeats.nightly-backup.evry: is not a key that Tocsin knows here'],
  ])('%s', (rest, problem) => {
    expect(problemsOf(one(rest)).join('\n')).toContain(problem);
  });

  it('an unknown service, and a key in the file itself', () => {
    const problems = problemsOf(`
  a: { service: paymnts, every: 1h, key: { env: KEY_NIGHTLY } }
  b: { service: other, every: 1h, key: ${KEY} }`);
    expect(problems.join('\n')).toContain('heartbeats.a.service: there is no service "paymnts"');
    expect(problems.join('\n')).toContain('heartbeats.b.key');
    expect(problems.join('\n')).not.toContain(KEY);
  });

  it('keys: missing, too easily guessed, no part of an address, or shared', () => {
    expect(problemsOf(one('every: 1h'), {}).join()).toContain('KEY_NIGHTLY is not set');
    for (const key of ['short', 'sixteen/characters', 'sixteen characters long']) {
      const problems = problemsOf(one('every: 1h'), { KEY_NIGHTLY: key }).join();
      expect(problems).toContain('does not hold a key for a heartbeat');
      expect(problems).not.toContain(key);
    }
    const shared = problemsOf(`
  a: { service: other, every: 1h, key: { env: KEY_NIGHTLY } }
  b: { service: other, every: 1h, key: { env: KEY_NIGHTLY } }`);
    expect(shared.join()).toContain('is the same key as that of heartbeats.a');
  });

  it('an integration may not have the name under which missed heartbeats come in', () => {
    const integrations = `{ heartbeat: { kind: generic, key: { env: KEY_OTHER } } }`;
    const env = { ...ENV, KEY_OTHER: 'the-key-of-another' };
    expect(problemsOf(one('every: 1h'), env, { integrations }).join()).toContain(
      'is the name under which missed heartbeats come in',
    );
    expect(said(load(yamlWith({ integrations }), env)).map(({ path }) => path)).not.toContain(
      'integrations.heartbeat',
    );
  });

  it('may be spread over several files', () => {
    const loaded = load(
      {
        'a.yaml': yamlWith({ heartbeats: one('every: 1h') }),
        'b.yaml': `heartbeats:\n  other: { service: other, every: 60s, key: { env: KEY_B } }\n`,
      },
      { ...ENV, KEY_B: 'another-key-of-the-tests' },
    );
    expect(loaded.ok && loaded.config.heartbeats.map(({ settings }) => settings.everyMs)).toEqual([
      HOUR,
      60 * SECOND,
    ]);
  });
});
