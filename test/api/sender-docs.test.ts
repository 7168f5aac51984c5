import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { pathOf } from '../../api/intake/sender.js';
import { senders } from '../../api/intake/senders.js';
import { load, said } from '../unit/config/support.js';

const page = await readFile('docs/senders.md', 'utf8');
const move = await readFile('docs/from-pagerduty.md', 'utf8');

/** The body of the curl that posts to this path. */
function postedTo(path: string): unknown {
  const start = page.indexOf(`curl -X POST https://tocsin.example.com${path} `);
  expect(start).toBeGreaterThan(0);
  return JSON.parse(/-d '([^']+)'/.exec(page.slice(start))?.[1] ?? '');
}

describe('docs/senders.md', () => {
  it.each(Object.values(senders))('has a line with the address of $kind', (sender) => {
    const line = page.split('\n').find((text) => text.includes(`| \`${sender.kind}\``));
    expect(line).toContain(`\`POST ${pathOf(sender)}\``);
  });

  it.each(['pagerduty', 'generic'] as const)('has an example for %s that is taken', (kind) => {
    const read = senders[kind].parse(postedTo(pathOf(senders[kind])));
    expect(read).toMatchObject({ ok: true, groups: [{ alerts: expect.any(Array) as unknown[] }] });
  });
});

describe('docs/from-pagerduty.md', () => {
  it('has a configuration that is valid, without a warning but those of missing keys', () => {
    const yaml = /## 2\.[^]*?```yaml\n([^]*?)```/.exec(move)?.[1] ?? '';
    const result = load(yaml, { TOCSIN_KEY_PAGERDUTY: 'a', TOCSIN_API_KEY: 'b' });
    expect(said(result).map(({ path, message }) => `${path}: ${message}`)).toEqual([]);
    expect(result.ok && result.config.integrations).toMatchObject([
      { kind: 'pagerduty', service: 'payments' },
    ]);
  });

  it('leads nobody into numbers that do not count: trusted for the first try, confirmed before real phones', () => {
    const yaml = /## 2\.[^]*?```yaml\n([^]*?)```/.exec(move)?.[1] ?? '';
    const result = load(yaml, { TOCSIN_KEY_PAGERDUTY: 'a', TOCSIN_API_KEY: 'b' });
    if (!result.ok) throw new Error('It is not valid.');
    const methods = [...result.config.users.values()].flatMap((user) => user.methods);
    expect(methods.length).toBeGreaterThan(2);
    expect(methods.filter(({ needsProof }) => needsProof === true)).toEqual([]);
    const before = /## 5\.[^]*?(?=\n## )/.exec(move)?.[0] ?? '';
    expect(before).toContain('tocsin contact verify');
    expect(before).toContain('`contactMethods: trusted` out of `oncall.yaml`');
  });
});
