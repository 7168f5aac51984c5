import { recordHandoffs } from './record-handoffs.js';
import { recordHeartbeats } from './record-heartbeats.js';
import { recordIncidents } from './record-incidents.js';
import { recordLetters } from './record-letters.js';
import { recordMaintenance } from './record-maintenance.js';
import { recordMornings } from './record-mornings.js';
import { recordTimelines } from './record-timelines.js';

/**
 * Records histories of the workflows as they stand, on a real server: `npm run record-histories`, or of one kind alone,
 * `npm run record-histories -- heartbeats`. Run it before a release; histories of earlier releases stay, under their version, and
 * are replayed for as long as such incidents may be open.
 */
const recorders = new Map([
  ['incidents', recordIncidents],
  ['heartbeats', recordHeartbeats],
  ['timelines', recordTimelines],
  ['mornings', recordMornings],
  ['maintenance', recordMaintenance],
  ['handoffs', recordHandoffs],
  ['letters', recordLetters],
]);

const wanted = process.argv.slice(2);
for (const name of wanted) {
  if (!recorders.has(name))
    throw new Error(`Nothing is recorded of "${name}"; there are ${[...recorders.keys()].join(', ')}.`);
}
for (const [name, record] of recorders) if (wanted.length === 0 || wanted.includes(name)) await record();
