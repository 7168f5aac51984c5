import { loadConfigFiles, type LoadOptions, type LoadResult } from '../../../config/load.js';
import type { Config, ConfigProblem } from '../../../config/types.js';

/** A small valid config by section; tests replace single sections. */
export const BASE: Readonly<Record<string, string>> = {
  users: `
  alice: { name: Alice, phone: "+12025550101", email: alice@example.com, manager: erin }
  bob: { name: Bob, phone: "+12025550102", email: bob@example.com }
  erin: { name: Erin, phone: "+12025550105", email: erin@example.com }`,
  groups: `
  management: { members: [erin] }
  executives: { members: [erin] }
  ops-room: { name: Ops room, contacts: [{ channel: sms, to: "+12025550199" }] }`,
  schedules: `
  payments:
    zone: Europe/Berlin
    rotation: { type: weekly, handover: "09:00", start: 2026-01-05, participants: [alice, bob] }`,
  policies: `
  default:
    steps:
      - targets: ["schedule:payments/primary"]
      - targets: ["schedule:payments/secondary"]
    catchAll: { targets: ["group:ops-room"] }`,
  services: `
  other: { policy: default, catchAll: true }`,
};

/** The base config with some sections replaced; null leaves a section out. */
export function yamlWith(sections: Readonly<Record<string, string | null>>): string {
  return Object.entries({ ...BASE, ...sections })
    .filter(([, text]) => text !== null)
    .map(([section, text]) => `${section}:${text?.startsWith('\n') === true ? '' : ' '}${text ?? ''}\n`)
    .join('');
}

/** Loads texts as files of one config. */
export function load(
  files: Readonly<Record<string, string>> | string,
  env: Readonly<Record<string, string>> = {},
  options: LoadOptions = {},
): LoadResult {
  const entries = typeof files === 'string' ? [['tocsin.yaml', files] as const] : Object.entries(files);
  return loadConfigFiles(
    entries.map(([name, text]) => ({ name, text })),
    'config',
    env,
    options,
  );
}

/** A config that must be valid. */
export function configOf(
  sections: Readonly<Record<string, string | null>> = {},
  env: Readonly<Record<string, string>> = {},
): Config {
  const result = load(yamlWith(sections), env);
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 2));
  return result.config;
}

/** Everything said about a config, warnings included. */
export function said(result: LoadResult): readonly ConfigProblem[] {
  return result.ok ? result.warnings : result.problems;
}

/** A text in which `‸` marks a place: the text without the mark, and line and column of the mark. */
export function marked(text: string): {
  readonly text: string;
  readonly line: number;
  readonly column: number;
} {
  const before = text.split('‸')[0] ?? '';
  const lines = before.split('\n');
  return { text: text.replace('‸', ''), line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

/** An instant in UTC, e.g. `utc('2026-03-29 07:00')`. */
export function utc(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}:00Z`);
}
