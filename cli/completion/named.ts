import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/types.js';
import { createApiClient, dataDirOf, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { chooseConfig, configSetting } from '../up/config-choice.js';
import { readRunState } from '../up/run-state.js';
import type { Candidate, Named } from './candidates.js';

/** Ids are a help that nobody waits for: what takes longer is left out. */
const PATIENCE_MS = 300;

/** What a command line says already of where to look. */
export interface NamedFlags extends ApiFlags {
  readonly config?: string;
}

const schedules = z.object({
  schedules: z.array(
    z.object({
      id: z.string(),
      zone: z.string(),
      rotations: z.array(z.object({ participants: z.array(z.string()) })),
    }),
  ),
});

/**
 * The ids of one kind: from the configuration where one is named or runs on the data folder, else what a Tocsin elsewhere tells
 * of its schedules. None where neither is there within 300 ms. Never rejects.
 */
export async function namedIds(
  of: Named,
  flags: NamedFlags,
  context: Context,
): Promise<readonly Candidate[]> {
  const enough = new AbortController();
  const late = delay(PATIENCE_MS, [], { signal: enough.signal }).catch(() => []);
  try {
    return await Promise.race([find(of, flags, context).catch(() => []), late]);
  } finally {
    enough.abort();
  }
}

async function find(of: Named, flags: NamedFlags, context: Context): Promise<readonly Candidate[]> {
  const path = await configPath(flags, context);
  if (path === null) return fromApi(of, flags, context);
  const loaded = await loadConfig(chooseConfig(path, context.cwd).path, context.env, { secrets: 'optional' });
  return loaded.ok ? idsIn(of, loaded.config) : [];
}

/** Null: that of a Tocsin whose files are not here, or of none. */
async function configPath(flags: NamedFlags, context: Context): Promise<string | null> {
  if (flags.config !== undefined) return flags.config;
  if (flags.url !== undefined) return null;
  const running = (await readRunState(dataDirOf(flags, context)))?.config ?? null;
  if (flags.dataDir !== undefined) return running;
  const isElsewhere = (context.env['TOCSIN_URL'] ?? '').trim() !== '';
  return configSetting(context.env) ?? (isElsewhere ? null : running);
}

function idsIn(of: Named, config: Config): readonly Candidate[] {
  const plain = (ids: readonly string[]): readonly Candidate[] => ids.map((word) => ({ word, what: '' }));
  switch (of) {
    case 'user':
      return [...config.users.values()].map(({ id, name }) => ({ word: id, what: name }));
    case 'severity':
      return config.severities.map(({ id, name }) => ({ word: id, what: name }));
    case 'service':
      return plain(config.serviceIds);
    case 'team':
      return plain(config.teamIds);
    case 'schedule':
      return plain(config.scheduleIds);
    case 'policy':
      return plain(config.policyIds);
    default:
      return of satisfies never;
  }
}

/** Schedules, and the users in their rotations. Of the rest the API has no list. */
async function fromApi(of: Named, flags: ApiFlags, context: Context): Promise<readonly Candidate[]> {
  if (of !== 'user' && of !== 'schedule') return [];
  const client = await createApiClient(flags, context, PATIENCE_MS);
  const found = expect(schedules, await client.get('/v1/schedules')).schedules;
  if (of === 'schedule') return found.map(({ id, zone }) => ({ word: id, what: zone }));
  const users = found.flatMap(({ rotations }) => rotations.flatMap(({ participants }) => participants));
  return [...new Set(users)].sort().map((word) => ({ word, what: '' }));
}
