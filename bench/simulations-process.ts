/** Plays scenario files as `tocsin simulate FILE …` does, with the compiled product, and tells how fast it went. */
import { fileURLToPath } from 'node:url';
import { tellParent, whenReleased } from './ipc.js';
import { playInTurns } from './measures/simulations.js';
import { createPlayer, type Simulator } from './simulator.js';

whenReleased(() => Promise.resolve());

const [warmUpMs, forMs] = process.argv.slice(2).map(Number);
if (!(Number(warmUpMs) >= 0) || !(Number(forMs) >= 0))
  throw new Error('Say for how long to warm up and to play, in milliseconds.');

const compiled = async (module: string): Promise<object> =>
  (await import(new URL(`../dist/simulation/${module}.js`, import.meta.url).href)) as object;
const simulator = Object.assign(
  {},
  await compiled('load-scenario'),
  await compiled('scenario-files'),
  await compiled('simulate'),
  await compiled('judge'),
) as Simulator;

const player = await createPlayer(
  simulator,
  fileURLToPath(new URL('../examples/scenarios', import.meta.url)),
);
tellParent(await playInTurns({ ...player, warmUpMs: Number(warmUpMs), forMs: Number(forMs) }));
