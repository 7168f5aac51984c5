import type { judge } from '../simulation/judge.js';
import type { createConfigReader, loadScenario } from '../simulation/load-scenario.js';
import type { findScenarios } from '../simulation/scenario-files.js';
import type { simulate } from '../simulation/simulate.js';

/** What `tocsin simulate` is made of. */
export interface Simulator {
  readonly findScenarios: typeof findScenarios;
  readonly createConfigReader: typeof createConfigReader;
  readonly loadScenario: typeof loadScenario;
  readonly simulate: typeof simulate;
  readonly judge: typeof judge;
}

export interface Player {
  readonly files: readonly string[];
  /** Reads and checks a file, plays it and judges it. @throws Error when it does not come out as it expects */
  readonly play: (file: string) => Promise<void>;
}

/** The scenario files of a folder. Their configuration is read once, as `tocsin simulate` does it for many files. */
export async function createPlayer(simulator: Simulator, folder: string): Promise<Player> {
  const found = await simulator.findScenarios([folder]);
  if (!found.ok) throw new Error(`${found.path} ${found.message}. ${found.remedy}`);
  // Keys are of no use here, and settings of the shell must not change what is measured.
  const readConfig = simulator.createConfigReader({});
  return {
    files: found.files,
    play: async (file) => {
      const loaded = await simulator.loadScenario(file, { readConfig, now: 0 });
      if (!loaded.ok) throw new Error(`${file} can not be played: ${JSON.stringify(loaded.problems)}`);
      const { scenario, config } = loaded;
      const simulation = simulator.simulate(scenario, config);
      const wrong = [...simulator.judge(scenario, simulation), ...loaded.impossible(simulation)];
      if (wrong.length > 0)
        throw new Error(`${file} does not come out as it expects: ${JSON.stringify(wrong)}`);
    },
  };
}
