import { closest } from './closest.js';
import type { Path } from './problems.js';
import { entriesOf, entryOf, itemsOf } from './raw.js';
import { PRESETS, DEFAULT_PRESET } from './presets.js';
import { parseTarget } from './targets.js';
import type { Words } from './schema/words.js';

type Kind = 'user' | 'team' | 'policy' | 'service' | 'severity' | 'group' | 'schedule' | 'holiday list';

/** Where ids of other things stand. `*`: any key. `[]`: any item. `#`: the keys themselves are the ids. */
const REFERENCES: readonly (readonly [path: string, kind: Kind | 'target'])[] = [
  ['users.*.manager', 'user'],
  ['groups.*.members.[]', 'user'],
  ['teams.*.members.[]', 'user'],
  ['teams.*.policy', 'policy'],
  ['schedules.*.rotation.participants.[]', 'user'],
  ['schedules.*.rotations.[].participants.[]', 'user'],
  ['schedules.*.secondary.participants.[]', 'user'],
  ['schedules.*.secondary.rotations.[].participants.[]', 'user'],
  ...['rotation', 'rotations.[]', 'secondary', 'secondary.rotations.[]'].flatMap((rotation) =>
    ['only', 'except'].map((key) => [`schedules.*.${rotation}.${key}`, 'holiday list'] as const),
  ),
  ['users.*.holidays', 'holiday list'],
  ['schedules.*.holidays', 'holiday list'],
  ['policies.*.steps.[].targets.[]', 'target'],
  ['policies.*.catchAll.targets.[]', 'target'],
  ['policies.*.response.#', 'severity'],
  ['services.*.team', 'team'],
  ['services.*.policy', 'policy'],
  ['services.*.severity', 'severity'],
  ['services.*.severityRules.[].severity', 'severity'],
  ['services.*.response.#', 'severity'],
  ['severities.override.#', 'severity'],
  ['severities.map.*', 'severity'],
  ['integrations.*.service', 'service'],
  ['integrations.*.severity', 'severity'],
  ['heartbeats.*.service', 'service'],
  ['heartbeats.*.severity', 'severity'],
  ['maintenance.*.services.[]', 'service'],
  ['defaults.severity', 'severity'],
  ['defaults.management.[]', 'target'],
  ['defaults.executives.[]', 'target'],
  ['defaults.handoff.owner', 'target'],
  ['schedules.*.handoff.owner', 'target'],
];

/** A text that refers to something, with its place. */
export interface Reference {
  readonly at: Path;
  readonly part: 'key' | 'value';
  readonly kind: Kind | 'target';
  readonly id: string;
}

function* walk(
  value: unknown,
  pattern: readonly string[],
  at: Path,
): Generator<{ readonly at: Path; readonly part: 'key' | 'value'; readonly id: string }> {
  const [head, ...rest] = pattern;
  if (head === undefined) {
    if (typeof value === 'string') yield { at, part: 'value', id: value };
  } else if (head === '#') {
    for (const [key] of entriesOf(value)) yield { at: [...at, key], part: 'key', id: key };
  } else if (head === '*') {
    for (const [key, entry] of entriesOf(value)) yield* walk(entry, rest, [...at, key]);
  } else if (head === '[]') {
    for (const [index, item] of itemsOf(value).entries()) yield* walk(item, rest, [...at, index]);
  } else {
    yield* walk(entryOf(value, head), rest, [...at, head]);
  }
}

/** Every reference of the config. */
export function* referencesOf(raw: unknown): Generator<Reference> {
  for (const [path, kind] of REFERENCES) {
    for (const found of walk(raw, path.split('.'), [])) yield { ...found, kind };
  }
}

const SECTIONS: Readonly<Record<Exclude<Kind, 'severity'>, string>> = {
  user: 'users',
  team: 'teams',
  policy: 'policies',
  service: 'services',
  group: 'groups',
  schedule: 'schedules',
  'holiday list': 'holidays',
};

/** The severity ids that the config defines, worst first. */
export function severityIds(raw: unknown): readonly string[] {
  const severities = entryOf(raw, 'severities');
  const levels = entriesOf(entryOf(severities, 'levels'));
  if (levels.length > 0) return levels.map(([id]) => id);
  const preset = entryOf(severities, 'preset');
  const scheme = entriesOf(PRESETS).find(([name]) => name === preset)?.[1] ?? PRESETS[DEFAULT_PRESET];
  return entriesOf(scheme).map(([id]) => id);
}

function idsOf(raw: unknown, kind: Kind): readonly string[] {
  return kind === 'severity' ? severityIds(raw) : entriesOf(entryOf(raw, SECTIONS[kind])).map(([id]) => id);
}

function unknown(raw: unknown, kind: Kind, id: string): Words | null {
  const ids = idsOf(raw, kind);
  if (ids.includes(id)) return null;
  const meant = closest(id, ids);
  const section = kind === 'severity' ? 'severities' : SECTIONS[kind];
  return {
    message: `there is no ${kind} ${JSON.stringify(id)}`,
    remedy:
      meant !== undefined
        ? `Did you mean ${JSON.stringify(meant)}?`
        : ids.length > 0 && ids.length <= 20
          ? `Use one of: ${ids.join(', ')}; or add it under ${section}.`
          : `Add it under ${section}.`,
  };
}

/** What is wrong with a reference: null when what it names is there. A malformed target is the schema's to tell. */
export function checkReference(raw: unknown, { kind, id }: Reference): Words | null {
  if (kind !== 'target') return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id) ? unknown(raw, kind, id) : null;
  const target = parseTarget(id);
  if (target === null) return null;
  if (target.kind !== 'manager') return unknown(raw, target.kind, target.id);
  return target.of.map((user) => unknown(raw, 'user', user)).find((words) => words !== null) ?? null;
}
