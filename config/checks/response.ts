import { DEFAULT_TIMINGS } from '../../domain/incident/plan.js';
import { parseDuration } from '../duration.js';
import type { Path } from '../problems.js';
import { entriesOf, entryOf, itemsOf, textsOf } from '../raw.js';
import { mentioned, whyUnreachable } from '../reach.js';
import { severityIds } from '../references.js';
import { hasNestedRepetition, regexOf } from '../regex.js';
import { KEPT_KEYS } from '../schema/response.js';
import { responseChange } from '../schema/response.js';
import { PRESETS, DEFAULT_PRESET } from '../presets.js';
import { WORDS } from '../schema/words.js';
import type { Check, Report } from './check.js';

function checkTargets(raw: unknown, targets: unknown, at: Path, report: Report): void {
  itemsOf(targets).forEach((text, index) => {
    const why = typeof text === 'string' ? whyUnreachable(raw, text) : null;
    if (why === null) return;
    report('error', [...at, index], 'value', {
      message: `${why}, so this target never pages anybody`,
      remedy: 'Name somebody who can be reached, or remove the target.',
    });
  });
}

const targetsReach: Check = (raw, report) => {
  for (const [id, policy] of entriesOf(entryOf(raw, 'policies'))) {
    const at = ['policies', id];
    itemsOf(entryOf(policy, 'steps')).forEach((step, index) =>
      checkTargets(raw, entryOf(step, 'targets'), [...at, 'steps', index, 'targets'], report),
    );
    checkTargets(
      raw,
      entryOf(entryOf(policy, 'catchAll'), 'targets'),
      [...at, 'catchAll', 'targets'],
      report,
    );
  }
  for (const list of ['management', 'executives']) {
    checkTargets(raw, entryOf(entryOf(raw, 'defaults'), list), ['defaults', list], report);
  }
};

/** What is written and never used is usually a slip. Only for a config without errors: a misspelt id looks unused, too. */
export const everythingIsUsed: Check = (raw, report) => {
  const services = entriesOf(entryOf(raw, 'services'));
  const usedTeams = new Set(
    services
      .filter(([, each]) => entryOf(each, 'policy') === undefined)
      .map(([, each]) => entryOf(each, 'team')),
  );
  const used = new Set(services.map(([, service]) => entryOf(service, 'policy')));
  for (const [id, team] of entriesOf(entryOf(raw, 'teams')))
    if (usedTeams.has(id)) used.add(entryOf(team, 'policy'));
  for (const [id, policy] of entriesOf(entryOf(raw, 'policies'))) {
    if (!used.has(id)) {
      report('warning', ['policies', id], 'key', {
        message: 'no service uses this policy, so none of its steps is ever reached',
        remedy: 'Name it in a service (policy:), or remove it.',
      });
    } else if (entryOf(policy, 'page') === 'ticket') {
      report('warning', ['policies', id, 'page'], 'value', {
        message:
          'makes every severity a ticket: the first step is written to, and nobody is paged unless a person escalates',
        remedy: 'Write another page mode, or change single severities under response.',
      });
    }
  }
  const targets = mentioned(raw);
  for (const [id] of entriesOf(entryOf(raw, 'schedules'))) {
    if (targets.has(`schedule:${id}`)) continue;
    report('warning', ['schedules', id], 'key', {
      message: 'no policy pages by this schedule',
      remedy: `Name it in a step: targets: ["schedule:${id}/primary"]; or remove it.`,
    });
  }
};

const servicesRoute: Check = (raw, report) => {
  const services = entriesOf(entryOf(raw, 'services'));
  const catchAlls = services.filter(([, service]) => entryOf(service, 'catchAll') === true);
  if (catchAlls.length === 0) {
    report('error', ['services'], 'key', {
      message: 'no service is the catch-all, so an alert of an unknown service would be lost',
      remedy: 'Add catchAll: true to one service.',
    });
  }
  for (const [id] of catchAlls.slice(1)) {
    report('error', ['services', id, 'catchAll'], 'value', {
      message: `${catchAlls[0]?.[0] ?? ''} is the catch-all already`,
      remedy: 'Keep catchAll: true in one service.',
    });
  }
  const matches = new Map<string, string>();
  for (const [id, service] of services) {
    const team = entryOf(service, 'team');
    const ofTeam =
      typeof team === 'string' ? entryOf(entryOf(entryOf(raw, 'teams'), team), 'policy') : undefined;
    if (entryOf(service, 'policy') === undefined && ofTeam === undefined) {
      report('error', ['services', id], 'key', {
        message: 'has no escalation policy',
        remedy: 'Write policy: with the id of a policy, or give its team one.',
      });
    }
    itemsOf(entryOf(service, 'match')).forEach((match, index) => {
      const at = ['services', id, 'match', index];
      checkMatch(match, at, report);
      const text = JSON.stringify(match);
      const first = matches.get(text);
      if (first === undefined) matches.set(text, id);
      else {
        report('warning', at, 'value', {
          message: `is the same as a match of ${first}, which comes first`,
          remedy: 'Remove it, or make it differ.',
        });
      }
    });
    itemsOf(entryOf(service, 'severityRules')).forEach((rule, index) =>
      checkMatch(entryOf(rule, 'match'), ['services', id, 'severityRules', index, 'match'], report),
    );
  }
};

/** Whether the regular expressions of labels are such, and safe. */
export function checkMatch(match: unknown, at: Path, report: Report): void {
  for (const [label, value] of entriesOf(match)) {
    const values: readonly (readonly [Path, unknown])[] = Array.isArray(value)
      ? itemsOf(value).map((item, index) => [[...at, label, index], item])
      : [[[...at, label], value]];
    for (const [path, text] of values) {
      if (typeof text !== 'string') continue;
      try {
        if (regexOf(text) !== null && hasNestedRepetition(text))
          report('error', path, 'value', WORDS.nestedRegex);
      } catch {
        // SyntaxError is how RegExp says no.
        report('error', path, 'value', WORDS.regex);
      }
    }
  }
}

const severitiesFit: Check = (raw, report) => {
  const severities = entryOf(raw, 'severities');
  if (entryOf(severities, 'preset') !== undefined && entryOf(severities, 'levels') !== undefined) {
    report('error', ['severities', 'levels'], 'key', {
      message: 'stands beside a preset',
      remedy: 'Keep preset and change it under override, or keep levels.',
    });
  }
  if (entryOf(severities, 'levels') !== undefined && entriesOf(entryOf(severities, 'levels')).length === 0) {
    report('error', ['severities', 'levels'], 'key', {
      message: 'holds no severity',
      remedy: 'Write at least one, worst first: SEV1: { page: immediately }.',
    });
  }
  for (const [section, keys] of [
    ['levels', entriesOf(entryOf(severities, 'levels'))],
    ['override', entriesOf(entryOf(severities, 'override'))],
  ] as const) {
    for (const [id, level] of keys) {
      for (const kept of KEPT_KEYS.filter((key) => entryOf(level, key) !== undefined)) {
        report('warning', ['severities', section, id, kept], 'key', {
          message: 'is kept, but nothing acts on it yet',
          remedy: 'Leave it for a later version, or remove it.',
        });
      }
    }
  }
};

/** `managementAfter` with nobody to loop in, and a first tier that a policy does not have. */
const responseHasSomebody: Check = (raw, report) => {
  const severities = entryOf(raw, 'severities');
  const preset = entryOf(severities, 'preset');
  const levels: unknown =
    entryOf(severities, 'levels') ??
    entriesOf(PRESETS).find(([name]) => name === preset)?.[1] ??
    PRESETS[DEFAULT_PRESET];
  const facts = severityIds(raw).map((id) => ({
    id,
    ...Object.fromEntries(entriesOf(entryOf(levels, id))),
    ...Object.fromEntries(entriesOf(entryOf(entryOf(severities, 'override'), id))),
  }));
  const defaults = entryOf(raw, 'defaults');
  for (const [list, key, does] of [
    ['management', 'managementAfter', 'loops in management'],
    ['executives', 'executives', 'tells executives'],
  ] as const) {
    if (textsOf(entryOf(defaults, list)).length > 0 || entryOf(entryOf(raw, 'groups'), list) !== undefined)
      continue;
    const asking = facts.filter((each) => {
      const value = entryOf(each, key);
      return value !== undefined && value !== 'off' && value !== false;
    });
    if (asking.length === 0) continue;
    report('warning', ['severities'], 'key', {
      message: `${asking.map(({ id }) => id).join(', ')} ${does}, but nobody is ${list}`,
      remedy: `Add a group ${list}, or defaults.${list} with targets, or write ${key}: ${key === 'executives' ? 'false' : 'off'}.`,
    });
  }
  const latest = Math.max(
    1,
    ...facts.map((each) =>
      Number(responseChange.shape.startAtTier.safeParse(entryOf(each, 'startAtTier')).data ?? 1),
    ),
  );
  for (const [id, policy] of entriesOf(entryOf(raw, 'policies'))) {
    const steps = itemsOf(entryOf(policy, 'steps')).length;
    if (steps === 0 || latest <= steps) continue;
    report('warning', ['policies', id, 'steps'], 'key', {
      message: `a severity starts at tier ${latest}, and there are ${steps}`,
      remedy: 'Add tiers, or change startAtTier.',
    });
  }
};

const timingsFit: Check = (raw, report) => {
  const timings = entryOf(raw, 'timings');
  const ms = (name: string, fallback: number): number | null => {
    const value = entryOf(timings, name);
    return value === undefined ? fallback : typeof value === 'string' ? parseDuration(value) : null;
  };
  const shortest = ms('snoozeShortest', DEFAULT_TIMINGS.snoozeShortestMs);
  const longest = ms('snoozeLongest', DEFAULT_TIMINGS.snoozeLongestMs);
  if (shortest !== null && longest !== null && shortest > longest) {
    const name = entryOf(timings, 'snoozeLongest') === undefined ? 'snoozeShortest' : 'snoozeLongest';
    report('error', ['timings', name], 'value', {
      message: 'leaves no time for which an incident could be snoozed',
      remedy: 'Make snoozeShortest (5m unless written) no longer than snoozeLongest (24h unless written).',
    });
  }
  const noProgress = ms('noProgress', DEFAULT_TIMINGS.noProgressMs);
  const before = ms('stillOnItBefore', DEFAULT_TIMINGS.stillOnItBeforeMs);
  if (noProgress === null || before === null || before < noProgress) return;
  const written = entryOf(timings, 'stillOnItBefore') === undefined ? 'noProgress' : 'stillOnItBefore';
  report('error', ['timings', written], 'value', {
    message: 'asks "still on it?" before the time without progress has even begun',
    remedy: 'Make stillOnItBefore (5m unless written) shorter than noProgress (30m unless written).',
  });
};

export const RESPONSE_CHECKS: readonly Check[] = [
  targetsReach,
  servicesRoute,
  severitiesFit,
  responseHasSomebody,
  timingsFit,
];
