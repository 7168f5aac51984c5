import type { TimelineEntry } from '../incident/timeline.js';
import type { IncidentView } from '../incident/view.js';
import type { Instant } from '../time/instant.js';
import { durationWords } from './duration-words.js';
import { phaseWords } from './labels.js';
import { escaped } from './markdown.js';
import { titleOf } from './parts.js';
import { listed, oneLine } from './text.js';
import { utcClock, utcDate } from './times.js';
import { timelineWords } from './timeline-words.js';
import { isWebAddress } from './web-address.js';

/** One line of an exported timeline. */
export interface ExportedEntry {
  readonly at: Instant;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly type: string;
  /** For people. */
  readonly text: string;
  readonly entry: TimelineEntry;
}

/** The timeline of an incident, to be kept elsewhere. */
export interface ExportedTimeline extends Pick<
  IncidentView,
  | 'openingId'
  | 'code'
  | 'title'
  | 'service'
  | 'severity'
  | 'phase'
  | 'openedAt'
  | 'acknowledgedAt'
  | 'mitigatedAt'
  | 'resolvedAt'
  | 'timelineDropped'
> {
  readonly entries: readonly ExportedEntry[];
}

/** The timeline as data. */
export function exportedTimeline(view: IncidentView): ExportedTimeline {
  const { openingId, code, title, service, severity, phase, openedAt, timelineDropped } = view;
  const { acknowledgedAt, mitigatedAt, resolvedAt } = view;
  return {
    openingId,
    code,
    title,
    service,
    severity,
    phase,
    openedAt,
    ...(acknowledgedAt === undefined ? {} : { acknowledgedAt }),
    ...(mitigatedAt === undefined ? {} : { mitigatedAt }),
    ...(resolvedAt === undefined ? {} : { resolvedAt }),
    timelineDropped,
    entries: view.timeline.map((entry) => ({
      at: entry.at,
      time: new Date(entry.at).toISOString(),
      type: entry.type,
      text: wordsOf(entry),
      entry,
    })),
  };
}

/** A worker of a newer version may write entries that this one does not know: then their name has to do. */
function wordsOf(entry: TimelineEntry): string {
  const { type } = entry;
  try {
    return timelineWords(entry);
  } catch (error) {
    if (error instanceof TypeError) return type;
    throw error;
  }
}

const COLUMNS = ['time', 'seconds_since_opening', 'type', 'text', 'fields'] as const;

/** The timeline as CSV (RFC 4180, UTF-8): one line for each entry. No cell is a formula to a spreadsheet. */
export function timelineCsv(view: IncidentView): string {
  const rows = exportedTimeline(view).entries.map(({ at, time, type, text, entry }) => {
    const { at: _at, type: _type, ...fields } = entry;
    return [time, String(Math.round((at - view.openedAt) / 1_000)), type, text, JSON.stringify(fields)];
  });
  return [COLUMNS, ...rows].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

/**
 * A cell in quotes. Spreadsheets run what begins with one of these signs (full-width ones as well), also behind spaces and
 * in quotes: an apostrophe in front makes it text. Source: OWASP, "CSV Injection". A plain number stays one.
 */
export function csvCell(text: string): string {
  const isFormula = /^\s*[=+\-@\t\r\n＝＋－＠|%]/u.test(text) && !/^-?\d+$/.test(text);
  return `"${isFormula ? "'" : ''}${text.replaceAll('"', '""')}"`;
}

/** The headings of a postmortem that only people can fill, with what belongs there. Source: spec, "After the incident". */
const TO_WRITE = [
  ['Root cause', 'What made it happen?'],
  ['Five whys', '1. Why? \n2. Why? \n3. Why? \n4. Why? \n5. Why?'],
  ['Contributing factors', 'What made it worse, or let it through?'],
  ['What went well', ''],
  ['What went poorly', ''],
  ['Where we got lucky', ''],
] as const;

/** The beginning of a postmortem in Markdown: the facts, the timeline, and headings for what people know. All times are UTC. */
export function timelineMarkdown(view: IncidentView, now: Instant): string {
  const { entries } = exportedTimeline(view);
  const end = view.resolvedAt;
  return lines(
    `# Postmortem: ${escaped(titleOf(view))}`,
    '',
    ...(end === undefined ? [`> The incident is not over: this is how it stood at ${moment(now)}.`, ''] : []),
    ...factLines(view),
    '',
    '## Summary',
    '',
    '_What happened, in two or three sentences._',
    '',
    '## Impact',
    '',
    `_Who was affected, and how?_ It was open for ${durationWords((end ?? now) - view.openedAt)}${end === undefined ? ' so far' : ''}.`,
    '',
    '## Timeline (UTC)',
    '',
    ...(view.timelineDropped > 0 ? [`_${view.timelineDropped} entries no longer fit here._`, ''] : []),
    ...entries.map(({ at, text }) => `- \`${utcDate(at)} ${utcClock(at)}\` ${escaped(text)}`),
    '',
    '## Detection',
    '',
    `It came from ${escaped(view.source)}. _Could it have been found earlier?_`,
    '',
    ...TO_WRITE.flatMap(([heading, text]) => [`## ${heading}`, '', ...(text === '' ? [] : [text, ''])]),
    '## Action items',
    '',
    '| what | owner | due |',
    '| ---- | ----- | --- |',
    '|      |       |     |',
    '',
    '## Lessons',
  );
}

function factLines(view: IncidentView): string[] {
  const { openedAt } = view;
  const after = (at: Instant): string => `${moment(at)}, after ${durationWords(at - openedAt)}`;
  const paged = [...new Set(view.paged.map(({ name }) => name))];
  const helped = (view.responders ?? []).flatMap(({ joined }) => (joined === undefined ? [] : [joined]));
  const team = view.team === undefined ? '' : ` (team ${view.team})`;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Incident', `${escaped(view.severity)} ${escaped(view.code)}, \`${view.openingId}\``],
    ['Service', escaped(`${view.service}${team}`)],
    ['State', phaseWords(view.phase)],
    ['Opened', moment(openedAt)],
    ['Acknowledged', view.acknowledgedAt === undefined ? undefined : after(view.acknowledgedAt)],
    ['Mitigated', view.mitigatedAt === undefined ? undefined : after(view.mitigatedAt)],
    ['Resolved', view.resolvedAt === undefined ? undefined : after(view.resolvedAt)],
    ['Who had it', view.owner === undefined ? 'nobody' : escaped(view.owner.name)],
    ['Paged', escaped(listed(paged))],
    ['Helped', helped.length === 0 ? undefined : escaped(listed([...new Set(helped)]))],
    ['Alerts', String(view.alerts.total)],
    ['Runbook', link(view.runbook)],
    ['Alert source', link(view.link)],
    ['Policy', `${escaped(view.policy.id)} (${escaped(view.policy.hash)})`],
  ];
  return [
    '| what | |',
    '| ---- | --- |',
    ...facts.flatMap(([name, value]) => (value === undefined ? [] : [`| ${name} | ${value} |`])),
  ];
}

function link(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const line = oneLine(address);
  // A bar would end the cell of the table.
  return isWebAddress(line) ? `<${line.replaceAll('|', '%7C')}>` : escaped(line);
}

function moment(at: Instant): string {
  return `${utcDate(at)} ${utcClock(at)} UTC`;
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
