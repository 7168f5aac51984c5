import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection, Database, Opener } from '../database.js';
import { openPGlite, type PGliteClient } from './client.js';
import { ownFolder } from './owner.js';

const DATABASE = 'database';
/** Written once the first start has come to its end: without it nothing was ever kept in the database. */
const COMPLETE = 'complete';

/** Whether nobody ever wrote to the embedded store of this folder: it was never there, or its first start never ended. */
export function isUnwritten(folder: string): boolean {
  return !existsSync(join(folder, COMPLETE));
}

/** The embedded store: a PGlite in a folder, for one process. */
export function pgliteOpener(folder: string, warn: (sentence: string) => void): Opener {
  return {
    kind: 'pglite',
    where: folder,
    open: async (prepare) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const giveBack = await ownFolder(folder);
      try {
        await putUnfinishedAside(folder, warn);
        const database = join(folder, DATABASE);
        if (!(await exists(database))) await make(database);
        const client = await openPGlite(database);
        try {
          await prepare({
            query: (sql, parameters) => client.query(sql, parameters),
            release: () => undefined,
          });
          await writeFile(join(folder, COMPLETE), '');
        } catch (error) {
          await client.close();
          throw error;
        }
        return databaseOf(client, giveBack);
      } catch (error) {
        await giveBack();
        throw error;
      }
    },
  };
}

/** On a thread of its own that ends with it: making a database takes 700 MB, which only so are given back. */
async function make(database: string): Promise<void> {
  const maker = await openPGlite(database);
  await maker.close();
}

/** A first start that was killed leaves half a database, on which no later start could build. */
async function putUnfinishedAside(folder: string, warn: (sentence: string) => void): Promise<void> {
  const database = join(folder, DATABASE);
  if ((await exists(join(folder, COMPLETE))) || !(await exists(database))) return;
  const aside = await mkdtemp(join(folder, 'unfinished-'));
  await rename(database, join(aside, DATABASE));
  warn(
    `The embedded store was never finished, so a new one is made; the old files are in ${aside}. Where they are a restored backup, its file ${COMPLETE} is missing: stop Tocsin, and restore both.`,
  );
}

/** Sessions with an open PGlite, one after the other. `giveBack` is called once it is closed. */
export function databaseOf(client: PGliteClient, giveBack: () => Promise<void>): Database {
  let isClosed = false;
  let turn: Promise<void> = Promise.resolve();
  return {
    // There is one session: each has it in turn.
    connect: async () => {
      const before = turn;
      let done: () => void = () => undefined;
      turn = new Promise((resolve) => {
        done = resolve;
      });
      await before;
      return sessionOf(client, done);
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      await client.close();
      await giveBack();
    },
    onLost: (listener) => void client.lost.catch(listener),
  };
}

function sessionOf(client: PGliteClient, done: () => void): Connection {
  let running: Promise<unknown> = Promise.resolve();
  let isReleased = false;
  return {
    query: (sql, parameters) => {
      const answer = client.query(sql, parameters);
      running = answer.catch(() => undefined);
      return answer;
    },
    release: (broken) => {
      if (isReleased) return;
      isReleased = true;
      if (!broken) return done();
      // Its statement can't be ended: the next has its turn when that has come to an end and is undone. One that never does makes
      // the store count as lost, and its thread is ended.
      void running
        .then(() => client.query('rollback', []))
        .catch(() => undefined)
        .finally(done);
    },
  };
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
