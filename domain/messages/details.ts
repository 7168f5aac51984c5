import { assertNever } from '../assert-never.js';
import type { TimelineEntry } from '../incident/timeline.js';
import type { IncidentView, OpenDeadline, ReviewView } from '../incident/view.js';
import type { Instant } from '../time/instant.js';
import { durationWords } from './duration-words.js';
import { phaseWords } from './labels.js';
import { firingWords, titleOf } from './parts.js';
import { cut, listed } from './text.js';
import { escaped } from './markdown.js';
import { utcClock, utcDate, utcTimes } from './times.js';
import { timelineWords } from './timeline-words.js';
import { isWebAddress } from './web-address.js';

/** Entries shown; the whole timeline is a query (and a page) away. */
const LAST_ENTRIES = 15;
/** Deadlines shown; the UI lists every timer anyway. */
const NEXT_DEADLINES = 8;

/** An incident at a glance, in Markdown, for the Temporal UI. All times are UTC. */
export function currentDetails(view: IncidentView, now: Instant): string {
  return lines(
    `## ${escaped(view.severity)} ${escaped(view.code)}: ${escaped(titleOf(view))}`,
    '',
    `**${whoHasIt(view)}** It is ${phaseWords(view.phase)}, open since ${utcTimes.moment(view.openedAt)} (service ${escaped(view.service)}${view.team === undefined ? '' : `, team ${escaped(view.team)}`}).`,
    '',
    `${firingWords(view.alerts.firing)}, ${view.alerts.total} seen, from ${escaped(view.source)}.`,
    ...linkLines(view),
    '',
    ...nextLines(view.deadlines, now, 'Nothing is pending.'),
    '',
    ...timelineLines(view.timeline, view.timelineDropped),
    '',
    `Policy ${escaped(view.policy.id)} (${escaped(view.policy.hash)}).${view.previous === undefined ? '' : ` The same alert before: ${escaped(view.previous)}.`} As of ${utcClock(now)} UTC.`,
  );
}

/** A review at a glance, in Markdown, for the Temporal UI. All times are UTC. */
export function reviewDetails(view: ReviewView): string {
  return lines(
    `## Review of ${escaped(view.severity)} ${escaped(view.code)}: ${escaped(titleOf(view))}`,
    '',
    `**${owes(view)}** Resolved ${utcTimes.moment(view.resolvedAt)} (service ${escaped(view.service)}).`,
    '',
    ...nextLines(view.deadlines, null, 'Nothing is pending.'),
    '',
    ...timelineLines(view.timeline, 0),
  );
}

function whoHasIt(view: IncidentView): string {
  const waiting = view.paged.filter((page) => page.open).map((page) => escaped(page.name));
  if (view.phase === 'resolved') return 'It is over.';
  if (view.quiet?.rests === true) {
    const whose = view.owner === undefined ? 'Nobody has it' : `${escaped(view.owner.name)} has it`;
    return `${whose}; quiet until ${utcTimes.moment(view.quiet.until)} (maintenance: ${escaped(view.quiet.reason)}).`;
  }
  if (view.owner !== undefined && !view.paging) {
    return `${escaped(view.owner.name)} has it since ${utcTimes.time(view.owner.since)}.`;
  }
  if (view.paging) {
    const whom =
      waiting.length === 0 ? 'Looking for somebody to page.' : `Paging ${listed(waiting)}; no answer yet.`;
    return view.owner === undefined ? whom : `${whom} ${escaped(view.owner.name)} had it before.`;
  }
  return 'Nobody has it.';
}

function linkLines(view: IncidentView): string[] {
  const links = [
    ...(view.runbook === undefined ? [] : [['Runbook', view.runbook] as const]),
    ...(view.link === undefined ? [] : [['Alert source', view.link] as const]),
    ...(view.links ?? []).map(({ text, href }) => [escaped(text), href] as const),
  ];
  return links.length === 0
    ? []
    : [
        '',
        links
          .map(([label, url]) => (isWebAddress(url) ? `[${label}](<${url}>)` : `${label}: ${escaped(url)}`))
          .join(' · '),
      ];
}

function nextLines(deadlines: readonly OpenDeadline[], now: Instant | null, none: string): string[] {
  if (deadlines.length === 0) return ['### What happens next', none];
  const more = deadlines.length - NEXT_DEADLINES;
  return [
    '### What happens next',
    ...deadlines
      .slice(0, NEXT_DEADLINES)
      .map(
        ({ at, label }) =>
          `- ${utcTimes.moment(at)}: ${escaped(label)}${now !== null && at < now ? ' (late)' : ''}`,
      ),
    ...(more > 0 ? [`- and ${more} more`] : []),
  ];
}

function timelineLines(timeline: readonly TimelineEntry[], dropped: number): string[] {
  const shown = timeline.slice(-LAST_ENTRIES);
  const earlier = timeline.length - shown.length + dropped;
  return [
    '### Timeline',
    ...(earlier > 0 ? [`${earlier} earlier ${earlier === 1 ? 'entry' : 'entries'} left out here.`, ''] : []),
    ...shown.map(
      (entry) =>
        `- \`${utcDate(entry.at)} ${utcClock(entry.at)}\` ${escaped(cut(timelineWords(entry), 300))}`,
    ),
  ];
}

function owes(view: ReviewView): string {
  if (!view.postmortem.required) return 'No postmortem is owed.';
  const { published, dueAt } = view.postmortem;
  if (published !== undefined) {
    const late = published.lateMs > 0 ? `, ${durationWords(published.lateMs)} late` : ', in time';
    return `The postmortem was published by ${escaped(published.by)}${late}.`;
  }
  switch (view.phase) {
    case 'post-incident':
      return `The postmortem is due ${utcTimes.moment(dueAt)}.`;
    case 'closed':
      return `Closed without a postmortem (it was due ${utcTimes.moment(dueAt)}).`;
    default:
      return assertNever(view.phase, 'review phase');
  }
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
