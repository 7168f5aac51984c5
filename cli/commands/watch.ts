import { InvalidArgumentError, type Command } from 'commander';
import { parseDuration } from '../../config/duration.js';
import { createApiClient, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { listenForStop } from '../up/stop-request.js';
import { happened, incidentFrame, incidentOf, newLines } from '../watch/incident-view.js';
import { listChanges, type Followed } from '../watch/followed.js';
import { changeLine, listFrame, moreWords } from '../watch/list-view.js';
import { createScreen } from '../watch/screen.js';
import { documentSource, listSource } from '../watch/sources.js';
import { watchLoop, type WatchView } from '../watch/watch-loop.js';
import { addApiCommand } from './api-command.js';
import { addFilters, isOnlyOpen, type FilterFlags } from './incidents.js';

interface Flags extends ApiFlags, FilterFlags {
  readonly every: number;
}

/** How what is watched is told. */
interface Telling<T> {
  /** All of it. */
  readonly frame: (now: T) => string;
  /** One line for each thing that is new. */
  readonly lines: (before: T | null, now: T) => readonly string[];
  /** One line of JSON for each. */
  readonly json: (before: T | null, now: T) => readonly object[];
  /** What is to be known beside it, said once for as long as it holds; null: nothing. */
  readonly warning: (now: T) => string | null;
  readonly isOver: (now: T) => boolean;
}

/** Shorter would only cost the servers: an answer is about as old as this anyway. */
const SHORTEST_MS = 500;
const LONGEST_MS = 3_600_000;
/** Ten pages: an open list that is longer is a storm, and nobody reads it line by line. */
const FOLLOWED = 1_000;

function everyOf(text: string): number {
  const every = parseDuration(text);
  if (every !== null && every >= SHORTEST_MS && every <= LONGEST_MS) return every;
  throw new InvalidArgumentError('Expected a duration from 500ms to 1h.');
}

/** `tocsin watch`: the list, or one incident, as it changes. */
export function addWatch(program: Command, context: Context): void {
  const command = addApiCommand(program, {
    usage: 'watch [incident]',
    summary: 'follow the list, or one incident, until Ctrl-C',
    description:
      'Follows the list of incidents, or one incident until it is resolved. On a terminal it is drawn anew in its place; else there is one line for each change, with --json one line of JSON. While Tocsin is away it waits for it. Ctrl-C ends it with exit code 0.',
    examples: [
      ['watch', 'what is open, live'],
      ['watch 7KQ2', 'one incident: who has it, what happens next, what happened'],
      ['watch --service payments --json', 'a line for each change, for a program'],
      ['watch 7KQ2 > 7KQ2.log && tocsin show 7KQ2', 'ends when it is resolved'],
    ],
  });
  addFilters(command, { most: FOLLOWED, usual: FOLLOWED })
    .option('--every <duration>', 'how often to ask, e.g. 2s', everyOf, 2_000)
    .action(async (incident: string | undefined, flags: Flags) => {
      const client = await createApiClient(flags, context);
      const stop = listenForStop(
        () => undefined,
        () => undefined,
      );
      const reader = watchReader();
      const pace = { everyMs: flags.every, signal: AbortSignal.any([stop.signal, reader.gone]) };
      const isJson = flags.json === true;
      try {
        if (incident === undefined) {
          const source = listSource(client, flags);
          await watchLoop({ ...pace, source }, viewOf(tellingOfList(flags, context), isJson, context));
        } else {
          const path = `/v1/incidents/${encodeURIComponent(incident)}`;
          const source = documentSource(client, path, incidentOf);
          await watchLoop({ ...pace, source }, viewOf(tellingOfIncident(context), isJson, context));
        }
      } finally {
        stop.dispose();
        reader.dispose();
      }
    });
}

/** `gone` is aborted once nobody reads what is printed (`| head`). */
function watchReader(): { readonly gone: AbortSignal; dispose(): void } {
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  process.stdout.once('error', leave);
  return { gone: gone.signal, dispose: () => void process.stdout.off('error', leave) };
}

function tellingOfList(flags: FilterFlags, context: Context): Telling<Followed> {
  return {
    frame: (now) => listFrame(now, isOnlyOpen(flags), context),
    lines: (before, now) => listChanges(before, now).map((change) => changeLine(change, context)),
    json: (before, now) => listChanges(before, now).map((change) => ({ at: context.now(), ...change })),
    warning: (now) => (now.isWhole ? null : moreWords(now)),
    isOver: () => false,
  };
}

function tellingOfIncident(context: Context): Telling<ReturnType<typeof incidentOf>> {
  return {
    frame: (now) => incidentFrame(now, context),
    lines: (before, now) => newLines(now, before === null ? 0 : happened(before), context),
    json: (_before, now) => [{ at: context.now(), incident: now }],
    warning: () => null,
    isOver: ({ phase }) => phase === 'resolved',
  };
}

function viewOf<T>(telling: Telling<T>, isJson: boolean, context: Context): WatchView<T> {
  const { terminal, errorColours } = context;
  const screen = isJson || terminal === undefined ? null : createScreen(terminal);
  let shown: T | null = null;
  let trouble: string | null = null;
  let warned = false;

  function draw(): void {
    if (screen === null || shown === null) return;
    const foot = context.colours.dim('Ctrl-C ends this.');
    screen.draw([...(trouble === null ? [] : [trouble, '']), telling.frame(shown), '', foot].join('\n'));
  }

  return {
    changed: (now) => {
      const before = shown;
      shown = now;
      const warning = telling.warning(now);
      if (screen === null && warning !== null && !warned)
        context.say(`${errorColours.yellow('warning')} ${warning}`);
      warned = warning !== null;
      if (screen !== null) draw();
      else if (isJson) for (const line of telling.json(before, shown)) context.print(JSON.stringify(line));
      else for (const line of telling.lines(before, shown)) context.print(line);
      return telling.isOver(shown) ? 'over' : 'go-on';
    },
    // Only its "5 minutes ago" are another.
    same: draw,
    away: ({ message }) => {
      trouble = context.colours.yellow(`${message} What you see is what it was; asking again.`);
      if (screen === null) context.say(`${errorColours.yellow('warning')} ${message} Asking again.`);
      draw();
    },
    back: () => {
      trouble = null;
      if (screen === null) context.say('Tocsin is back.');
    },
    end: () => screen?.end(),
  };
}
