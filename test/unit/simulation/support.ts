import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ConfigProblem } from '../../../config/types.js';
import { judge, type Disappointment } from '../../../simulation/judge.js';
import { createConfigReader, loadScenario, type LoadedScenario } from '../../../simulation/load-scenario.js';
import type { Simulation } from '../../../simulation/result.js';
import { simulate } from '../../../simulation/simulate.js';

export const CONFIG = resolve('examples/scenarios/tocsin.yaml');
/** 10:00 UTC on a Tuesday. */
export const TUESDAY_10 = Date.UTC(2026, 10, 24, 10);

const readConfig = createConfigReader({});

/** A scenario of this text, about the people of examples/scenarios (or of `config`'s text); it begins on {@link TUESDAY_10}. */
export async function load(text: string, config?: string): Promise<LoadedScenario> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-scenario-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'it.yaml');
  await writeFile(path, text);
  const own = join(folder, 'tocsin.yaml');
  if (config !== undefined) await writeFile(own, config);
  const used = config === undefined ? CONFIG : own;
  return loadScenario(path, { readConfig, now: TUESDAY_10, config: used, shownAs: 'it.yaml' });
}

export interface Played {
  readonly simulation: Simulation;
  readonly failures: readonly Disappointment[];
  readonly problems: readonly ConfigProblem[];
}

/** Plays a scenario that can be played; `lines` come below its title. */
export async function play(...lines: readonly string[]): Promise<Played> {
  const loaded = await load(['scenario: it', 'service: payments', 'severity: SEV1', ...lines].join('\n'));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 2));
  const simulation = simulate(loaded.scenario, loaded.config);
  return {
    simulation,
    failures: judge(loaded.scenario, simulation),
    problems: loaded.impossible(simulation),
  };
}

/** What is wrong with a scenario, as `line:column message → remedy`. */
export async function problemsOf(text: string, config?: string): Promise<readonly string[]> {
  const loaded = await load(text, config);
  const problems = loaded.ok ? loaded.impossible(simulate(loaded.scenario, loaded.config)) : loaded.problems;
  return problems.map(({ line, column, message, remedy }) => `${line}:${column} ${message} → ${remedy}`);
}
