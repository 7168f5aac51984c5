import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createConfigReader, loadScenario } from '../../simulation/load-scenario.js';
import { startConformance, type Comparison, type Conformance } from '../support/conformance.js';
import { load } from '../unit/simulation/support.js';

const FOLDER = 'examples/scenarios';
const readConfig = createConfigReader({});
const files = await inOrder((await readdir(FOLDER)).filter((name) => /^\d\d-.*\.yaml$/.test(name)).sort());

/** The Java server no longer skips time once a workflow has completed in the task that answered an update: those come last. */
async function inOrder(names: readonly string[]): Promise<readonly string[]> {
  const last = new Set<string>();
  for (const name of names) {
    if (/^ *- \S+ publishes /m.test(await readFile(`${FOLDER}/${name}`, 'utf8'))) last.add(name);
  }
  return [...names.filter((name) => !last.has(name)), ...last];
}

let conformance: Conformance;

async function compare(file: string): Promise<Comparison> {
  const loaded = await loadScenario(`${FOLDER}/${file}`, { readConfig, now: 0 });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return conformance.compare(loaded.scenario, loaded.config);
}

beforeAll(async () => {
  conformance = await startConformance();
  // A cold worker needs seconds for its first task, and the server's clock runs on meanwhile.
  await compare('02-acknowledged-by-sms.yaml');
});
afterAll(() => conformance.stop());

describe('the real workflow does to the second what the simulator says', () => {
  // Before the others: the last of those stop the server's skipping.
  test('an incident that a person opens', async () => {
    const loaded = await load(
      'scenario: declared\nservice: payments\nseverity: SEV1\ndeclaredBy: erin\ntitle: odd smell\nuntil: 10:00\nanswers: [alice acks by call after 10s]',
    );
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const { simulated, real, foreseen, searchedAnyway } = await conformance.compare(
      loaded.scenario,
      loaded.config,
    );
    expect(real).toEqual(simulated);
    expect(real.timeline[0]).toMatch(/"by":"erin".*"source":"manual"/);
    expect(real.answers).toEqual([expect.stringContaining('You have it')]);
    expect(foreseen).toBeGreaterThan(0);
    expect(searchedAnyway).toEqual([]);
  });

  test.each(files)('%s', async (file) => {
    const { simulated, real, beforeOutages, foreseen, searchedAnyway, spared } = await compare(file);
    expect(beforeOutages.real).toEqual(beforeOutages.simulated);
    // Noted for the morning, and for no other scenario.
    expect(
      spared.map(({ tier, instead, people }) => [tier, instead, people.map(({ userId }) => userId)]),
    ).toEqual(file.startsWith('11-load') ? [['primary', 'secondary', ['alice']]] : []);
    if (file === '16-outage.yaml') expect(beforeOutages.real.join('\n')).toMatch(/due: ack, ack timeout/);
    expect(simulated.contacts.length).toBeGreaterThan(0);
    // As in production, the first page waits for no search.
    expect(foreseen).toBeGreaterThan(0);
    expect(searchedAnyway).toEqual([]);
    expect(real.contacts).toEqual(simulated.contacts);
    expect(real.answers).toEqual(simulated.answers);
    expect(real.timeline).toEqual(simulated.timeline);
  });
});
