import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { pathOf } from '../../../api/intake/sender.js';
import { senders } from '../../../api/intake/senders.js';
import { tryIt } from '../../../cli/up/try-it.js';
import { withOverrides } from '../../../config/overridden.js';
import type { Config } from '../../../config/types.js';
import { configOf, utc } from '../config/support.js';
import { override } from '../oncall/support.js';

const KINDS = ['generic', 'grafana', 'pagerduty'] as const;

describe('the first alert', () => {
  it.each(KINDS)('is one that a shell can send and the only integration, of kind %s, takes', async (kind) => {
    const config = configOf(
      { integrations: `\n  only: { kind: ${kind}, key: { env: KEY } }` },
      { KEY: 'a-key' },
    );
    const trial = tryIt(config, 'http://localhost:3000', () => ({ variable: 'KEY' }), Date.UTC(2026, 10, 24));
    const script = `curl() { for word in "$@"; do printf '%s\\0' "$word"; done; }\n${trial?.curl ?? ''}`;
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { env: { KEY: "$&it's" } });
    const words = stdout.split('\0');
    expect(words[1]).toBe(`http://localhost:3000${pathOf(senders[kind])}`);
    const body = JSON.parse(words[words.indexOf('-d') + 1] ?? '') as Record<string, unknown>;
    expect(senders[kind].parse(body)).toMatchObject({
      ok: true,
      groups: [{ title: '5% of checkouts fail' }],
    });
    if (kind === 'pagerduty') expect(body['routing_key']).toBe("$&it's");
    else expect(words).toContain("Authorization: Bearer $&it's");
  });

  it('asks for a key that the shell it is pasted into does not have, and has read all of itself before', async () => {
    const config = configOf({ integrations: '\n  only: { kind: pagerduty, key: $KEY }' }, { KEY: 'a-key' });
    const trial = tryIt(config, 'http://localhost:3000', () => ({ variable: 'KEY' }), 0);
    const pasted = `curl() { for word in "$@"; do printf '%s\\0' "$word"; done; }\n${trial?.curl ?? ''}\ntyped-key\n`;
    // As in a terminal: the shell reads commands and the answer from the same place.
    const shell = promisify(execFile)('bash', ['--norc', '--noprofile'], { env: {} });
    shell.child.stdin?.end(pasted);
    const { stdout, stderr } = await shell;
    expect(stderr).toBe('KEY: ');
    expect(stdout).toContain('"routing_key":"typed-key"');
  });

  it('tells who is paged by the overrides that are known, at the time of telling', () => {
    // A Tuesday on which alice is primary; erin has her place from noon on.
    const noon = utc('2026-01-06 12:00');
    const config = configOf({ integrations: '\n  only: { kind: generic, key: $KEY }' }, { KEY: 'a-key' });
    const overrides = [
      override({
        schedule: 'payments',
        userId: 'erin',
        from: noon,
        to: noon + 3_600_000,
        createdAt: noon - 1,
      }),
    ];
    const overridden = withOverrides(
      () => config,
      () => ({ overrides, asOf: noon - 1, isStale: false }),
    )();
    const key = (): { text: string } => ({ text: 'a-key' });
    const told = (by: Config, at: number) => tryIt(by, 'http://localhost:3000', key, noon - 60_000, at);
    expect(told(config, noon)).toMatchObject({ firstUser: 'alice' });
    expect(told(overridden, noon - 1)).toMatchObject({ firstUser: 'alice' });
    const trial = told(overridden, noon);
    expect(trial?.firstUser).toBe('erin');
    expect(trial?.story[0]).toMatch(/^Erin \(primary of payments\) is paged by /);
    // The command is the one that the phone booth has shown already.
    expect(trial?.curl).toBe(told(config, noon - 60_000)?.curl);
  });

  it('is of the kind that shows most where there are several', () => {
    const all = ['pagerduty', 'generic', 'alertmanager'].map(
      (kind) => `\n  ${kind}: { kind: ${kind}, key: $${kind.toUpperCase()} }`,
    );
    const env = { PAGERDUTY: 'a', GENERIC: 'b', ALERTMANAGER: 'c' };
    const trial = tryIt(configOf({ integrations: all.join('') }, env), '', ({ key }) => ({ text: key }), 0);
    expect(trial?.curl).toContain('/v1/alerts/alertmanager');
  });
});
