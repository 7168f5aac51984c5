import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../temporal-config/errors.js';
import { CliFailure } from '../failure.js';
import { writeAtomically } from '../../system/atomic-file.js';

/** Keys by the name of the environment variable that would hold them. */
export type Secrets = Readonly<Record<string, string>>;

const FILE = 'secrets.json';
const schema = z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string().min(16));
/** Only the owner may read it. */
const MODE = 0o600;

/** The kept keys of a data folder; none when there is no file, or it is damaged. */
export async function readSecrets(dataDir: string): Promise<Secrets> {
  try {
    return schema.parse(JSON.parse(await readFile(join(dataDir, FILE), 'utf8')));
  } catch {
    return {};
  }
}

/**
 * The keys of these names, made at the first start and kept in the data folder, so that a link, or the `curl` that was
 * printed, goes on working after a restart. A damaged file is put aside and told through `warn`.
 * @throws CliFailure `secrets` when the file can't be read or written
 */
export async function keepSecrets(
  dataDir: string,
  names: readonly string[],
  warn: (sentence: string) => void,
): Promise<Secrets> {
  const path = join(dataDir, FILE);
  try {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    });
    let kept: Secrets = {};
    if (text !== null) {
      const parsed = parse(text);
      if (parsed === null) {
        await rename(path, `${path}.damaged`);
        warn(
          `${path} was damaged, so new keys were made (the old file is ${FILE}.damaged): links in messages of before no longer open, and senders need the new keys.`,
        );
      } else {
        kept = parsed;
        await chmod(path, MODE);
      }
    }
    const missing = names.filter((name) => kept[name] === undefined);
    if (missing.length === 0) return kept;
    const all = { ...kept, ...Object.fromEntries(missing.map((name) => [name, newKey()])) };
    await writeAtomically(path, `${JSON.stringify(all, null, 2)}\n`, MODE);
    return all;
  } catch (error) {
    throw new CliFailure(`The keys in ${path} can't be kept: ${messageOf(error)}.`, {
      code: 'secrets',
      remedy: 'Make the file readable and writable for this user, or remove it to get new keys.',
      cause: error,
    });
  }
}

/** 128 bits, in hexadecimal: can't be guessed, and needs no quoting anywhere. */
function newKey(): string {
  return randomBytes(16).toString('hex');
}

function parse(text: string): Secrets | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
