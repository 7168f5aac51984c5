import type { DeliverCommand, IncidentCommand } from '../domain/incident/command.js';
import type { IncidentEvent } from '../domain/incident/event.js';
import { fingerprintsOf } from '../domain/incident/fingerprints.js';
import { apply, openIncident } from '../domain/incident/machine.js';
import type { IncidentInput } from '../domain/incident/plan.js';
import { reviewInputOf } from '../domain/incident/review-input.js';
import type { Deadline, IncidentState } from '../domain/incident/state.js';
import { applyReview, openReview, type ReviewCommand, type ReviewEvent } from '../domain/review/machine.js';
import type { ReviewState } from '../domain/review/state.js';
import type { Instant } from '../domain/time/instant.js';
import type { SimulatedIncident } from './result.js';
import { createVirtualMachine, type VirtualMachine, type World } from './virtual-machine.js';
import type { Delivered } from './world.js';

/** One incident from its first alert on, with its review once it is resolved. */
export interface Opening {
  readonly label: string;
  readonly group: string;
  readonly openingId: string;
  readonly incident: VirtualMachine<IncidentState, IncidentEvent>;
  review(): VirtualMachine<ReviewState, ReviewEvent> | null;
  /** Fingerprints of what fires now. */
  firing(): readonly string[];
  /** Does what follows from what just happened: the search for the incident before it, the start of its review. */
  settle(): void;
  wake(): void;
  nextAt(): Instant;
  loseCallbacks(from: Instant, to: Instant): void;
  result(): SimulatedIncident;
}

interface OpeningDeps {
  readonly label: string;
  readonly group: string;
  readonly openingId: string;
  readonly input: IncidentInput;
  /** The opening of the same alerts before this one. */
  readonly previous: string | null;
  readonly now: () => Instant;
  readonly find: World['find'];
  readonly deliver: (command: DeliverCommand, label: string) => Delivered;
}

/** Opens an incident at `now`. Who is looked for is found once something is fed, or heard. */
export function createOpening(deps: OpeningDeps): Opening {
  const { label, group, openingId, input, previous, now } = deps;
  const world: World = { find: deps.find, deliver: (command) => deps.deliver(command, label).reports };
  let firstPageOut = false;
  let isLinked = previous === null;
  let review: VirtualMachine<ReviewState, ReviewEvent> | null = null;
  const incident = createVirtualMachine<IncidentState, IncidentEvent, IncidentCommand>(
    openIncident(input, openingId, now()),
    {
      apply,
      world,
      now,
      onEvent: (event) => {
        if (event.type === 'delivery') firstPageOut = true;
      },
    },
  );

  function settle(): void {
    const state = incident.state();
    if (!isLinked && previous !== null && (firstPageOut || state.phase === 'resolved')) {
      isLinked = true;
      incident.feed({ type: 'previous-found', openingId: previous, resolvedAt: null });
    }
    if (state.phase === 'resolved' && review === null) {
      review = createVirtualMachine<ReviewState, ReviewEvent, ReviewCommand>(
        openReview(reviewInputOf(state), now()),
        { apply: applyReview, world, now },
      );
      review.hear();
    }
  }

  function machines() {
    return review === null ? [incident] : [incident, review];
  }

  return {
    label,
    group,
    openingId,
    incident,
    review: () => review,
    firing: () => fingerprintsOf(incident.state().alerts.firing).map(([fingerprint]) => fingerprint),
    settle,
    wake: () => machines().forEach((machine) => machine.wake()),
    nextAt: () => Math.min(...machines().map((machine) => machine.nextAt())),
    loseCallbacks: (from, to) => machines().forEach((machine) => machine.loseCallbacks(from, to)),
    result() {
      const state = incident.state();
      const reviewing = review?.state() ?? null;
      return {
        label,
        group,
        openingId,
        code: state.code,
        severity: state.severity,
        service: state.plan.service.name,
        openedAt: state.openedAt,
        phase: state.phase,
        timeline: state.timeline,
        timelineDropped: state.timelineDropped,
        deadlines: sorted({ ...state.deadlines, ...reviewing?.deadlines }),
        review:
          reviewing === null
            ? null
            : { phase: reviewing.phase, postmortemDueAt: reviewing.dueAt, timeline: reviewing.timeline },
      };
    },
  };
}

function sorted(deadlines: Readonly<Record<string, Deadline>>): SimulatedIncident['deadlines'] {
  return Object.entries(deadlines)
    .map(([name, deadline]) => ({ name, ...deadline }))
    .sort((one, other) => one.at - other.at);
}
