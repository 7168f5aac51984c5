import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Debian's: package `prometheus`. Rejects with what it says when a rule is wrong or a test of it fails. */
const promtool = promisify(execFile);

test('the alert rules are sound, and their own tests hold', async () => {
  const checked = await promtool('promtool', ['check', 'rules', 'deploy/prometheus/rules.yaml']);
  expect(checked.stdout).toMatch(/SUCCESS: \d+ rules found/);
  const tested = await promtool('promtool', ['test', 'rules', 'deploy/prometheus/rules.test.yaml']);
  expect(tested.stdout).toContain('SUCCESS');
});

test.each([
  ['TocsinConfigRefused', '(tocsin_config_refused) == 1', '(tocsin_config_refused) == 2'],
  // Notices that go out would hide pages that do not.
  ['TocsinProviderFailing', 'kind="page",', ''],
  ['TocsinNoPageLeaves', 'kind="page",outcome="sent"', 'outcome="sent"'],
])('%s is noticed by them when it is broken', async (alert, right, wrong) => {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-rules-'));
  try {
    const rules = await readFile('deploy/prometheus/rules.yaml', 'utf8');
    const broken = rules.replaceAll(right, wrong);
    expect(broken).not.toBe(rules);
    await writeFile(join(directory, 'rules.yaml'), broken);
    await writeFile(
      join(directory, 'rules.test.yaml'),
      await readFile('deploy/prometheus/rules.test.yaml', 'utf8'),
    );
    await expect(
      promtool('promtool', ['test', 'rules', join(directory, 'rules.test.yaml')]),
    ).rejects.toMatchObject({
      stderr: expect.stringContaining(alert) as string,
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
