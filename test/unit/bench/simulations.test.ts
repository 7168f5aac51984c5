import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { playInTurns } from '../../../bench/measures/simulations.js';
import { createPlayer, type Simulator } from '../../../bench/simulator.js';
import { judge } from '../../../simulation/judge.js';
import { createConfigReader, loadScenario } from '../../../simulation/load-scenario.js';
import { findScenarios } from '../../../simulation/scenario-files.js';
import { simulate } from '../../../simulation/simulate.js';

const simulator: Simulator = { findScenarios, createConfigReader, loadScenario, simulate, judge };

/** Files that take so many milliseconds of a clock that only they move. */
function scripted(costs: Readonly<Record<string, number>>) {
  let at = 1_000;
  const played: string[] = [];
  return {
    played,
    files: Object.keys(costs),
    clock: () => at,
    play: (file: string) => {
      played.push(file);
      at += costs[file] ?? Number.NaN;
      return Promise.resolve();
    },
  };
}

test('files are played in turns to the end of a round, and what warms up does not count', async () => {
  const turns = scripted({ short: 1, long: 9 });
  const result = await playInTurns({ ...turns, warmUpMs: 11, forMs: 91 });
  // Two rounds of 10 ms to warm up, ten that count.
  expect(turns.played).toHaveLength(2 * 2 + 2 * 10);
  expect(turns.played.slice(0, 4)).toEqual(['short', 'long', 'short', 'long']);
  expect(result).toEqual({
    scenarios: 2,
    perSecond: 200,
    each: { samples: 20, p50: 1, p95: 9, p99: 9, max: 9 },
  });
});

test('a file that can not be played ends the measure', async () => {
  const turns = scripted({ one: 1 });
  const play = () => Promise.reject(new Error('not as it expects'));
  await expect(playInTurns({ ...turns, play, warmUpMs: 0, forMs: 10 })).rejects.toThrow('not as it expects');
});

test('every scenario of examples/ can be played, and comes out as it expects', async () => {
  const { files, play } = await createPlayer(simulator, 'examples/scenarios');
  expect(files.length).toBeGreaterThanOrEqual(32);
  for (const file of files) await play(file);
});

test('one that comes out otherwise, or can not be read, is no simulation', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp('examples/scenarios/tocsin.yaml', join(folder, 'tocsin.yaml'));
  const right = await readFile('examples/scenarios/01-nobody-answers.yaml', 'utf8');
  const wrong = right.replace("'1:00 alice voice: alert'", "'2:00 alice voice: alert'");
  expect(wrong).not.toBe(right);
  await writeFile(join(folder, 'a.yaml'), wrong);
  await writeFile(join(folder, 'b.yaml'), 'scenario: b\nservice: no-such-service\n');
  const { files, play } = await createPlayer(simulator, folder);
  expect(files).toEqual([join(folder, 'a.yaml'), join(folder, 'b.yaml')]);
  await expect(play(join(folder, 'a.yaml'))).rejects.toThrow('does not come out as it expects');
  await expect(play(join(folder, 'b.yaml'))).rejects.toThrow('can not be played');
  await expect(createPlayer(simulator, join(folder, 'nowhere'))).rejects.toThrow('does not exist');
});
