import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { judge } from '../../../simulation/judge.js';
import { createConfigReader, loadScenario, scenarioJsonSchema } from '../../../simulation/load-scenario.js';
import { pictureOf } from '../../../simulation/picture.js';
import { contactLines } from '../../../simulation/result.js';
import { findScenarios } from '../../../simulation/scenario-files.js';
import { simulate } from '../../../simulation/simulate.js';
import { play } from './support.js';

const FOLDER = 'examples/scenarios';
const files = (await readdir(FOLDER)).filter((name) => name !== 'tocsin.yaml').sort();
const readConfig = createConfigReader({});

describe('the scenarios of the specification', () => {
  test('are all there, but for what later issues build', () => {
    const numbers = new Set(files.map((name) => Number.parseInt(name)));
    expect([...numbers]).toEqual(Array.from({ length: 23 }, (_, index) => index + 1));
  });

  test.each(files)('%s is as it expects, and can be drawn', async (file) => {
    const loaded = await loadScenario(`${FOLDER}/${file}`, { readConfig, now: 0 });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const { scenario, config } = loaded;
    expect(scenario.expect.length + (scenario.contacts?.length ?? 0)).toBeGreaterThan(0);
    const simulation = simulate(scenario, config);
    expect(judge(scenario, simulation)).toEqual([]);
    expect(loaded.impossible(simulation)).toEqual([]);
    const picture = pictureOf(scenario, simulation);
    // A mark for each message and each answer, and those of the legend.
    expect(picture.split('<g class=').length - 1).toBeGreaterThan(
      simulation.contacts.length + simulation.answers.length,
    );
    expect(picture).not.toMatch(/NaN|Infinity|undefined/);
  });

  test('are found in their folder, without its configuration', async () => {
    expect(await findScenarios([FOLDER])).toEqual({
      ok: true,
      files: files.map((name) => `${FOLDER}/${name}`),
    });
    expect(await findScenarios(['examples/small'])).toMatchObject({
      ok: false,
      message: 'holds no scenario',
    });
    expect(await findScenarios(['no/such/file.yaml'])).toMatchObject({
      ok: false,
      message: 'does not exist',
    });
  });

  test('have the JSON Schema that stands in examples/', async () => {
    // Mend: npx tsx cli/main.ts schema --scenario --out examples/scenario.schema.json, and format it.
    expect(JSON.parse(await readFile('examples/scenario.schema.json', 'utf8'))).toEqual(scenarioJsonSchema());
  });
});

describe('a simulation', () => {
  test('is the same each time', async () => {
    const loaded = await loadScenario(`${FOLDER}/06-provider-down.yaml`, { readConfig, now: 0 });
    if (!loaded.ok) throw new Error('It can be read.');
    expect(simulate(loaded.scenario, loaded.config)).toEqual(simulate(loaded.scenario, loaded.config));
  });

  test('opens an incident by hand, which no alert resolves', async () => {
    const { simulation } = await play('declaredBy: erin', 'title: odd smell', 'until: 4:00');
    expect(contactLines(simulation)).toEqual([
      '0:00 alice sms + push: alert',
      '1:00 alice voice: alert',
      '3:00 alice voice: alert',
    ]);
    expect(simulation.incidents[0]?.timeline[0]).toMatchObject({
      type: 'opened',
      by: 'erin',
      source: 'manual',
    });
  });

  test('counts the nth message, and forgets what a provider calls back while nothing of ours runs', async () => {
    const { simulation, problems } = await play(
      'until: 8:00',
      'deliveries:',
      '  - { to: alice, by: voice, becomes: voicemail, nth: 1 }',
      '  - { to: alice, by: sms, becomes: undelivered, after: 4m }',
      'outages: [{ from: 3:30, to: 5:00 }]',
      'answers: ["alice acks by call 10s after the 1st call"]',
    );
    expect(problems).toEqual([]);
    // The first call was taken by a machine, so the first that she can answer is the second.
    expect(simulation.answers).toMatchObject([{ outcome: 'acknowledged' }]);
    expect(simulation.answers.map(({ at }) => at - simulation.startsAt)).toEqual([190_000]);
    expect(simulation.incidents[0]?.timeline.filter(({ type }) => type === 'delivery-failed')).toEqual([]);
  });

  test('tries one provider after the other, but for what is about the person', async () => {
    const lines = ['until: 0:30', 'providers: { sms: [one, two] }', 'deliveries:'];
    const provided = async (...rules: readonly string[]): Promise<readonly string[]> => {
      const { simulation } = await play(...lines, ...rules.map((rule) => `  - ${rule}`));
      return simulation.contacts
        .filter(({ channel, at }) => channel === 'sms' && at === simulation.startsAt)
        .map(({ provider, outcome }) => `${provider} ${outcome}`);
    };
    expect(await provided('{ provider: one, becomes: unavailable }')).toEqual(['two sent']);
    expect(await provided('{ provider: one, becomes: opted-out }')).toEqual(['one opted-out']);
    expect(
      await provided('{ provider: one, becomes: unavailable }', '{ provider: two, becomes: rejected }'),
    ).toEqual(['one unavailable']);
  });

  test('pages for help whoever is on call by then, overrides too', async () => {
    const asked = ['until: 5:00', 'answers: ["alice pages schedule payments at 2:00"]'];
    const helpers = async (...lines: readonly string[]): Promise<readonly string[]> =>
      contactLines((await play(...asked, ...lines)).simulation).filter((line) =>
        line.includes('asked-to-help'),
      );
    expect((await helpers())[0]).toBe('2:00 alice sms + push: asked-to-help');
    expect((await helpers('overrides: [{ schedule: payments, user: fay, from: 1:00 }]'))[0]).toBe(
      '2:00 fay sms + push: asked-to-help',
    );
  });

  test('goes by the override written last, by one only instead of somebody, and by none that is over', async () => {
    const firstPaged = async (...overrides: readonly string[]): Promise<string | undefined> => {
      const { simulation } = await play(
        'until: 0:30',
        'overrides:',
        ...overrides.map((each) => `  - { schedule: payments, ${each} }`),
      );
      return simulation.contacts[0]?.userId;
    };
    expect(await firstPaged('user: fay', 'user: dan')).toBe('dan');
    expect(await firstPaged('user: fay, insteadOf: alice')).toBe('fay');
    expect(await firstPaged('user: fay, insteadOf: bob')).toBe('alice');
    expect(await firstPaged('user: fay, slot: secondary')).toBe('alice');
    expect(await firstPaged('user: fay, from: 0:01')).toBe('alice');
  });

  test('says of each search by shifts, and only of those, that the store is away: after half a minute', async () => {
    const { simulation } = await play(
      'until: 21:00',
      'storeAway: [{ from: 4:45, to: 4:50 }, { from: 4:59, to: 5:01 }]',
    );
    const stale = ({ incidents }: typeof simulation) =>
      incidents[0]?.timeline.filter(({ type }) => type === 'overrides-stale');
    expect(stale(simulation)).toEqual([]);
    const long = await play('until: 26:00', 'storeAway: [{ from: 4:29, to: 30:00 }]');
    const asOf = long.simulation.startsAt + 269_000;
    // bob's shift at 5:00, alice's at 25:00; carol, dan and erin are named in the policy.
    expect(stale(long.simulation)).toEqual(
      [300_000, 1_500_000].map((offset) => ({
        at: long.simulation.startsAt + offset,
        type: 'overrides-stale',
        asOf,
      })),
    );
  });

  test('counts an incident of the night once for whoever was paged, and not at all where nothing rang', async () => {
    const firstPaged = async (...lines: readonly string[]): Promise<readonly string[]> => {
      const { simulation } = await play('start: 2026-11-29T03:00Z', 'until: 20:30', ...lines);
      const pages = simulation.contacts.filter(({ kind, channel }) => kind === 'page' && channel === 'sms');
      return ['A', 'B'].map((label) => pages.find(({ incident }) => incident === label)?.userId ?? '');
    };
    const two = [
      'alerts: [{ at: 0:00, service: at-once, fires: [disk] }, { at: 20:00, service: at-once, fires: [queue], group: B }]',
      'nightPages: { alice: 2 }',
    ];
    // Three messages of the first one made one page.
    expect(await firstPaged(...two, 'answers: [alice acks by call 10s after the 2nd call]')).toEqual([
      'alice',
      'bob',
    ]);
    expect(await firstPaged(two[0] ?? '', 'nightPages: { alice: 1 }')).toEqual(['alice', 'alice']);
    // None of those came through.
    expect(await firstPaged(...two, 'deliveries: [{ to: alice, until: 10:00, becomes: rejected }]')).toEqual([
      'alice',
      'alice',
    ]);
  });

  test('hears ACK of somebody who is asked to take it over as of the incident that asks, though another is open', async () => {
    const { simulation, problems } = await play(
      'until: 20:00',
      'alerts:',
      '  - { at: 0:00, fires: [disk] }',
      '  - { at: 0:00, fires: [queue], group: B }',
      'answers:',
      '  - alice acks all by sms at 0:40',
      '  - alice reassigns to dan at 4:00 in B',
      '  - dan acks by sms at 4:30',
    );
    expect(problems).toEqual([]);
    expect(simulation.answers.slice(-2)).toMatchObject([
      { outcome: 'reassigning', incident: 'B' },
      { outcome: 'taken', incident: 'B' },
    ]);
  });
});
