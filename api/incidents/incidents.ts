import type { AlertBatch } from '../../domain/alert/alert.js';
import type { Answer, DeliveryReport, PersonAction } from '../../domain/incident/event.js';
import type { OpeningInput } from '../../domain/incident/foreseen.js';
import type { QuietView } from '../../domain/incident/quiet.js';
import type { MaintenanceChange } from '../../domain/maintenance/window.js';
import type { IncidentView, Phase } from '../../domain/incident/view.js';
import type { ReviewAction, ReviewAnswer } from '../../domain/review/review-types.js';
import type { Instant } from '../../domain/time/instant.js';

/**
 * Temporal did not answer in time. `temporal`: the server cannot be reached, nothing was accepted. `worker`: the
 * server is there, but no worker answers; what was sent by signal is kept.
 */
export class TemporalUnavailable extends Error {
  override readonly name = 'TemporalUnavailable';
  readonly what: 'temporal' | 'worker';

  constructor(what: 'temporal' | 'worker', step: string, cause?: unknown) {
    super(
      what === 'temporal'
        ? `Temporal could not be reached (${step}).`
        : `No worker answered in time (${step}).`,
      { cause },
    );
    this.what = what;
  }
}

/** So was a request that reaches its workflow by an update only: that may have got there, and is then carried out later. */
export class MayStillCount extends TemporalUnavailable {
  constructor({ what, cause }: TemporalUnavailable, step: string) {
    super(what, step, cause);
  }
}

/** The incident is not as the caller had read it (`PersonAction.revision`): nothing was done. */
export class IncidentChanged extends Error {
  override readonly name = 'IncidentChanged';
}

/** An incident as lists show it: from search attributes and memo, about 100 ms behind. */
export interface IncidentSummary {
  readonly openingId: string;
  /** Empty for the first instants of an incident. */
  readonly code: string;
  readonly title: string;
  readonly service: string;
  readonly severity: string;
  readonly phase: Phase;
  readonly open: boolean;
  /** User or key id, hashed when it is long: for comparing, see `opaqueId`. */
  readonly owner?: string;
  /** The same for people. */
  readonly ownerName?: string;
  /** When it opened. */
  readonly startedAt: Instant;
  /** Maintenance covers what fires in it. */
  readonly quiet?: QuietView;
}

/** What became of a person's action. */
export type ActResult =
  | { readonly kind: 'answered'; readonly answer: Answer }
  /** No worker took it in time: it is durable, and a confirmation follows. */
  | { readonly kind: 'noted' }
  /** It meant an incident that is over; what that person can mean now. */
  | { readonly kind: 'over'; readonly openNow: readonly IncidentSummary[] };

/** An incident that was opened by hand. */
export interface Declared {
  readonly openingId: string;
  /** Id of the service it was routed to. */
  readonly service: string;
  readonly severity: string;
  /** What a person should know of the routing. */
  readonly remarks: readonly string[];
}

export interface IncidentFilter {
  readonly phase?: Phase;
  readonly service?: string;
  readonly team?: string;
  readonly severity?: string;
  /** Id of the user or key that has it. */
  readonly owner?: string;
  /** Id of a user who was ever paged for it or did something about it. */
  readonly responder?: string;
  /** Not opened before. */
  readonly since?: Instant;
  /** Not opened after. */
  readonly until?: Instant;
  /** In the title, in any case. */
  readonly text?: string;
  /** True: open ones only; false: those that are over. */
  readonly open?: boolean;
  /** 1 to 100. */
  readonly limit: number;
  /** From an earlier page. */
  readonly cursor?: string;
}

/**
 * All that the API does with incidents. Every method ends within a few seconds and throws `TemporalUnavailable` when
 * Temporal (or, where an answer is needed, a worker) is away.
 */
export interface Incidents {
  /** Alerts of which at least one fires: opens the incident `input` describes, or joins the open one. Durable when it returns. */
  intake(input: OpeningInput, batch: AlertBatch): Promise<void>;
  /** Alerts that are all over: for the open incident of this key. `none-open` is no error. */
  resolved(key: string, batch: AlertBatch): Promise<'delivered' | 'none-open'>;
  /** The incident that is open under this key at this moment; null when none is. Unlike the searches it is never behind. */
  openingOf(key: string): Promise<string | null>;
  /**
   * Opens an incident by hand. With the key of an earlier call it returns what that call returned; null when that one
   * asked for something else.
   * @param request a hash of what is asked for
   */
  declare(input: OpeningInput, request: string): Promise<Declared | null>;
  act(action: PersonAction): Promise<ActResult>;
  /** A maintenance window was made or ended. `none-open`: that incident is over; no error. */
  maintain(openingId: string, change: MaintenanceChange): Promise<'delivered' | 'none-open'>;
  /** Null when nothing of that id is known (any more). */
  get(openingId: string): Promise<IncidentView | null>;
  list(
    filter: IncidentFilter,
  ): Promise<{ readonly incidents: readonly IncidentSummary[]; readonly next?: string }>;
  /** Open incidents with an unanswered page of this person. */
  openPagesOf(userId: string): Promise<readonly IncidentSummary[]>;
  /** Open incidents that this person has. */
  ownedBy(userId: string): Promise<readonly IncidentSummary[]>;
  /** Open incidents for which this person was ever paged, or about which they did something. */
  involving(userId: string): Promise<readonly IncidentSummary[]>;
  /**
   * Incidents with this code (4 characters, any case): open ones first. `past`: fails where those that only the store has can't
   * be asked for.
   */
  byCode(code: string, need?: 'past'): Promise<readonly IncidentSummary[]>;
  /** What a provider said of a delivery. `none-open`: that incident is over; no error. */
  report(openingId: string, report: DeliveryReport): Promise<'delivered' | 'none-open'>;
  /** Null when there is no review of that incident (yet). */
  publishPostmortem(openingId: string, action: ReviewAction): Promise<ReviewAnswer | null>;
}
