import type { Command } from 'commander';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import { incidentPage } from '../commands/incidents.js';
import type { Context } from '../context.js';
import { safe } from '../output/safe.js';
import { wantedAt, type Candidate } from './candidates.js';
import { namedIds, type NamedFlags } from './named.js';

/** The word by which a shell asks; not a command of the help. */
export const COMPLETE = '__complete';

/** A person who presses Tab waits no longer than this for the codes of open incidents. */
const PATIENCE_MS = 1_500;

/**
 * Answers a shell: one candidate in a line, with a tab and what it is. Says nothing where it knows nothing, and never fails: an
 * error in the middle of somebody's command line would be worse.
 */
export async function complete(program: Command, words: readonly string[], context: Context): Promise<void> {
  const wanted = wantedAt(program, words);
  switch (wanted.kind) {
    case 'nothing':
      return;
    case 'candidates':
      return tell(wanted.candidates, context);
    case 'incident': {
      const typed = (words.at(-1) ?? '').toUpperCase();
      const open = await openIncidents(flagsIn(wanted.flags), context);
      return tell(
        open.filter(({ word }) => word.startsWith(typed)),
        context,
      );
    }
    case 'named': {
      const { of, typed, flags } = wanted;
      const ids = await namedIds(of, flagsIn(flags), context);
      return tell(
        ids.filter(({ word }) => word.startsWith(typed)),
        context,
      );
    }
    default:
      return wanted satisfies never;
  }
}

function tell(candidates: readonly Candidate[], context: Context): void {
  for (const { word, what } of candidates)
    context.print(what === '' ? safe(word) : `${safe(word)}\t${safe(what)}`);
}

/** Which Tocsin is meant, as far as the command line says so already. */
function flagsIn(given: readonly string[]): NamedFlags {
  const after = (name: string): string | undefined => {
    const index = given.indexOf(name);
    return index < 0 ? undefined : given[index + 1];
  };
  const [url, dataDir, config] = [after('--url'), after('--data-dir'), after('--config')];
  return {
    ...(url === undefined ? {} : { url }),
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(config === undefined ? {} : { config }),
  };
}

async function openIncidents(flags: ApiFlags, context: Context): Promise<readonly Candidate[]> {
  try {
    const client = await createApiClient(flags, context, PATIENCE_MS);
    const { incidents } = expect(incidentPage, await client.get('/v1/incidents?open=true&limit=100'));
    return incidents
      .filter(({ code }) => code !== '')
      .map(({ code, severity, service, title }) => ({
        word: code,
        what: `${severity} ${service}: ${title}`,
      }));
  } catch {
    return [];
  }
}
