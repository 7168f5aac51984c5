import { pathOf } from '../../api/intake/sender.js';
import { senders } from '../../api/intake/senders.js';
import type { Config, Integration } from '../../config/types.js';
import { durationWords } from '../../domain/messages/duration-words.js';
import { channelWords } from '../../domain/messages/labels.js';
import type { Instant } from '../../domain/time/instant.js';

/** A first alert for a person to send, and what it will set in motion. */
export interface TryIt {
  /** To be pasted into a shell as it stands. */
  readonly curl: string;
  /** What happens then, one sentence each. */
  readonly story: readonly string[];
  /** Id of the user who is paged first, when there is one. */
  readonly firstUser?: string;
}

/** A key as it is written into the command: itself, or the variable that holds it. */
export type ShownKey = (
  integration: Integration,
) => { readonly text: string } | { readonly variable: string };

/** The kinds in the order of how much an alert of theirs shows. */
const KINDS: readonly Integration['kind'][] = ['alertmanager', 'generic', 'grafana', 'pagerduty'];

interface FirstAlert {
  readonly labels: Readonly<Record<'alertname' | 'service' | 'severity', string>>;
  readonly summary: string;
  readonly startsAt: string;
}

/** The alert as its sender would post it; `key` is the stand-in for a key that belongs into the body. */
function bodyOf(kind: Integration['kind'], { labels, summary, startsAt }: FirstAlert, key: string): object {
  const alerts = [{ status: 'firing', labels, annotations: { summary }, startsAt }];
  switch (kind) {
    case 'alertmanager':
      return { version: '4', groupKey: 'try-it', status: 'firing', alerts };
    case 'grafana':
      return { version: '1', orgId: 1, groupKey: 'try-it', status: 'firing', alerts };
    case 'generic':
      return { key: 'try-it', summary, service: labels.service, severity: labels.severity };
    case 'pagerduty': {
      const payload = {
        ...{ summary, severity: labels.severity, source: 'try-it' },
        custom_details: { service: labels.service },
      };
      return { routing_key: key, event_action: 'trigger', dedup_key: 'try-it', payload };
    }
    default:
      return kind satisfies never;
  }
}

/**
 * Asks for a key that another shell has and this one may not. It ends in a backslash like the lines after it, so that all of
 * what is pasted is read as one command before the question takes its answer.
 */
function askFor(variable: string): string {
  return `[ -n "$${variable}" ] || { printf '${variable}: ' >&2; read -r ${variable}; };`;
}

/** A word for the shell in single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

const KEY_IN_BODY = '<key>';

/**
 * The first alert for this configuration; null when no integration takes alerts. Who is paged is told as `config` answers: by
 * overrides where it is one of `withOverrides`.
 * @param startsAt of the alert
 * @param now of the story
 */
export function tryIt(
  config: Config,
  url: string,
  shownKey: ShownKey,
  startsAt: Instant,
  now: Instant = startsAt,
): TryIt | null {
  const [integration] = [...config.integrations].sort(
    (one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind),
  );
  if (integration === undefined) return null;
  const labels = {
    alertname: 'CheckoutErrors',
    service: config.serviceIds[0] ?? 'payments',
    severity: 'critical',
  };
  const summary = '5% of checkouts fail';
  const alert = { labels, summary, startsAt: new Date(startsAt).toISOString() };
  const body = bodyOf(integration.kind, alert, KEY_IN_BODY);
  const shown = shownKey(integration);
  const key = 'variable' in shown ? `$${shown.variable}` : shown.text;
  const inBody = integration.kind === 'pagerduty';
  const curl = [
    ...('variable' in shown ? [askFor(shown.variable)] : []),
    `curl -sS ${url}${pathOf(senders[integration.kind])}`,
    ...(inBody ? [] : [`  -H "Authorization: Bearer ${key}"`]),
    `  -H 'Content-Type: application/json'`,
    // A key may be a variable, which the shell reads in double quotes only.
    `  -d ${quoted(JSON.stringify(body)).replace(KEY_IN_BODY, () => `'"${key}"'`)}`,
  ].join(' \\\n');
  const route = config.route(integration, labels, { service: labels.service, severity: labels.severity });
  const { policy } = config.plan(route.serviceId, now, []);
  const [first, second] = policy.steps;
  const person = first === undefined ? undefined : config.findPeople(first.targets, 'high', now).people[0];
  const story: string[] = [];
  if (person === undefined) {
    story.push(
      `Nobody can be paged by ${first?.name ?? 'the first step'} now, so the next step is taken at once.`,
    );
  } else {
    const rules = person.rules.map(({ afterMs, methods }) => {
      const ways = [...new Set(methods.map(({ channel }) => channelWords(channel)))].join(' and ');
      return afterMs === 0 ? `${ways} at once` : `${ways} after ${durationWords(afterMs)}`;
    });
    story.push(`${person.name} (${person.via}) is paged by ${rules.join(', ')}.`);
  }
  if (first !== undefined)
    story.push(
      `Without an answer it goes on after ${durationWords(first.timeoutMs)}: to ${second?.name ?? 'the next round'}, and so on until somebody has it.`,
    );
  return { curl, story, ...(person === undefined ? {} : { firstUser: person.userId }) };
}
