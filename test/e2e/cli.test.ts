import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from '../../cli/program.js';
import { KEYS, startSystem, type RunningSystem } from '../support/running-system.js';
import { createCast } from './support/cast.js';
import { codeKnown, openIncident } from './support/stage.js';
import { recording } from '../support/command-line.js';

const cast = createCast({
  people: { alice: [['0s', 'sms']] },
  services: { shop: [{ to: ['alice'] }] },
  timings: { stability: '1s', recheck: '1s', retry: '500ms' },
});

let system: RunningSystem;
beforeAll(async () => {
  system = await startSystem({ config: cast.yaml });
});
afterAll(() => system.stop());

interface Running {
  readonly lines: readonly string[];
  readonly ended: Promise<number>;
}

/** Runs one command line against the system; its lines come as they are printed. */
function tocsin(...args: readonly string[]): Running {
  const env = { TOCSIN_URL: system.url, TOCSIN_API_KEY: KEYS.api };
  const { context, lines, ran } = recording({ env, now: Date.now });
  return { lines, ended: runProgram(args, context).then(() => ran().code) };
}

async function told(...args: readonly string[]): Promise<string> {
  const { lines, ended } = tocsin(...args);
  expect(await ended, lines.join('\n')).toBe(0);
  return lines.join('\n');
}

test('an incident from its alert to its end, watched from the command line', async () => {
  const { code, openingId } = await openIncident(system, { service: 'shop', name: 'watched' });
  await codeKnown(system, code);
  const watching = tocsin('watch', code, '--every', '500ms');
  await expect.poll(() => watching.lines.join('\n'), { timeout: 10_000 }).toContain('paged Alice');

  expect(await told('incidents', '--text', 'WATCHED', '--phase', 'triggered')).toContain(code);
  expect(await told('incidents', '--owner', 'alice')).toBe('No incident is open.');
  const completed = (await told('__complete', 'ack', code.slice(0, 2))).split('\n');
  expect(completed).toContain(`${code}\tSEV1 shop: watched is down`);

  await told('ack', code, '--by', 'alice');
  await expect.poll(() => watching.lines.join('\n'), { timeout: 10_000 }).toContain('acknowledged by Alice');
  await system.request('POST', '/v1/alerts/generic', {
    key: KEYS.generic,
    body: { key: 'watched', service: 'shop', status: 'resolved', summary: 'watched is down' },
  });
  expect(await watching.ended).toBe(0);
  expect(await told('show', openingId)).toContain('Alice');
  // Each line once: what happened is not told again with the next change. Two messages of one second are reported in the same words.
  const lines = watching.lines.filter((line) => !line.includes('delivered to Alice'));
  expect(lines.length).toBeGreaterThan(5);
  expect(new Set(lines).size).toBe(lines.length);
}, 60_000);
