import type { QuietWindow } from '../maintenance/window.js';
import type { Instant } from '../time/instant.js';

/** A place on the web that goes with an alert. */
export interface AlertLink {
  /** What is there, e.g. "Dashboard"; one line, at most 60 characters. */
  readonly text: string;
  /** http or https, at most 1,000 characters. */
  readonly href: string;
}

/** A normalized alert, whatever sender it came from. */
export interface Alert {
  /** Names this alert inside its incident; at most 16 characters (hashed at intake). */
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  /** When the condition began, by the sender's clock; null when the sender does not say. */
  readonly startsAt: Instant | null;
  /** One line for people, at most 200 characters. */
  readonly summary: string;
  /** A severity id of the scheme. */
  readonly severity: string;
  /** Where the sender shows it. */
  readonly link?: string;
  /** Further places, at most 5; in a request only the first alert that fires has them. */
  readonly links?: readonly AlertLink[];
  /** Ids of the maintenance windows that cover it, in `windows` of its batch. Absent: none. */
  readonly windows?: readonly string[];
}

/** The alerts of one request that belong to one incident. */
export interface AlertBatch {
  /** Id of the integration that took them. */
  readonly integration: string;
  /** Whether this sender tells when an alert is over. */
  readonly resolves: boolean;
  readonly alerts: readonly Alert[];
  readonly receivedAt: Instant;
  /** Alerts that the sender left out of the request (Alertmanager's truncatedAlerts). */
  readonly truncated?: number;
  /** The maintenance windows that cover any of them, by id. Absent: none. */
  readonly windows?: Readonly<Record<string, QuietWindow>>;
}
