import { openStore } from '../../../store/open-store.js';
import { anything, by, override, silent } from './overrides.js';

/** A process of its own that opens an embedded store and writes, telling each id once it was told that it is kept. */
const [directory = ''] = process.argv.slice(2);
const store = openStore({ databaseUrl: undefined, directory, log: silent });
await store.untilReady(60_000);
process.stdout.write('ready\n');
for (let n = 0; ; n += 1) {
  const id = `w-${n}`;
  const added = await store.overrides.add([override(id)], by('writer'), anything);
  if (added.kind === 'added') process.stdout.write(`${id}\n`);
}
