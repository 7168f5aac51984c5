/** Asks who is on call, with the compiled product, and tells how fast the answers came. */
import { tellParent, whenReleased } from './ipc.js';
import { timeOnCall, type OnCallSizes } from './measures/on-call.js';
import type { OnCallEngine } from './on-call-subject.js';

whenReleased(() => Promise.resolve());

const sizes = JSON.parse(process.argv[2] ?? 'null') as OnCallSizes | null;
if (sizes === null) throw new Error('Say what to measure, as JSON.');

const compiled = async (module: string): Promise<object> =>
  (await import(new URL(`../dist/${module}.js`, import.meta.url).href)) as object;
const engine = Object.assign(
  {},
  await compiled('config/load'),
  await compiled('config/duty'),
  await compiled('domain/oncall/on-call'),
  await compiled('domain/oncall/coverage'),
) as OnCallEngine;

tellParent(timeOnCall(engine, sizes));
