import type { AlertBatch } from '../../../domain/alert/alert.js';
import type { Answer, DeliveryReport, PersonAction } from '../../../domain/incident/event.js';
import type { OpeningInput } from '../../../domain/incident/foreseen.js';
import type { IncidentView } from '../../../domain/incident/view.js';
import type { MaintenanceChange } from '../../../domain/maintenance/window.js';
import type { ReviewAction, ReviewAnswer } from '../../../domain/review/review-types.js';
import { revisionOf } from '../../../domain/incident/revision.js';
import {
  IncidentChanged,
  TemporalUnavailable,
  type ActResult,
  type Declared,
  type IncidentFilter,
  type Incidents,
  type IncidentSummary,
} from '../../../api/incidents/incidents.js';

/** Incidents in memory, with everything that was asked of them. */
export interface FakeIncidents extends Incidents {
  readonly taken: { readonly input: OpeningInput; readonly batch: AlertBatch }[];
  readonly resolvedBatches: { readonly key: string; readonly batch: AlertBatch }[];
  readonly declared: OpeningInput[];
  readonly acted: PersonAction[];
  readonly maintained: { readonly openingId: string; readonly change: MaintenanceChange }[];
  readonly reports: { readonly openingId: string; readonly report: DeliveryReport }[];
  readonly published: { readonly openingId: string; readonly action: ReviewAction }[];
  readonly lists: IncidentFilter[];
  /** What exists. */
  incidents: IncidentSummary[];
  /** userId → opening ids with an open page. */
  pages: Map<string, string[]>;
  /** userId → opening ids they were ever involved in. */
  involved: Map<string, string[]>;
  views: Map<string, IncidentView>;
  /** Overrides the answer to an action. */
  result: ((action: PersonAction) => ActResult) | null;
  review: ReviewAnswer | null;
  /** What is away. */
  away: 'temporal' | 'worker' | null;
  /** Called before each hand-over of alerts. */
  onIntake: () => Promise<void>;
}

const OUTCOMES: Readonly<Record<PersonAction['action'], Answer['outcome']>> = {
  acknowledge: 'acknowledged',
  take: 'taken',
  progress: 'progress-noted',
  resolve: 'mitigated',
  escalate: 'escalated',
  severity: 'severity-changed',
  update: 'updated',
  note: 'noted',
  snooze: 'snoozed',
  unacknowledge: 'unacknowledged',
  reassign: 'reassigning',
  'add-responders': 'responders-paged',
};

export function createFakeIncidents(): FakeIncidents {
  const answers = new Map<string, ActResult>();
  const requests = new Map<string, { readonly request: string; readonly told: Declared }>();
  const check = (needsWorker = false): void => {
    if (fake.away === 'temporal') throw new TemporalUnavailable('temporal', 'test');
    if (fake.away === 'worker' && needsWorker) throw new TemporalUnavailable('worker', 'test');
  };
  const open = (ids: readonly string[] = []): IncidentSummary[] =>
    fake.incidents.filter((incident) => incident.open && ids.includes(incident.openingId));

  function answer(action: PersonAction): ActResult {
    const incident = fake.incidents.find(({ openingId }) => openingId === action.openingId);
    if (incident?.open !== true) return { kind: 'over', openNow: fake.incidents.filter((one) => one.open) };
    const outcome = OUTCOMES[action.action];
    if (action.action === 'acknowledge' || action.action === 'take') {
      fake.pages = new Map(
        [...fake.pages].map(([user, ids]) => [user, ids.filter((id) => id !== action.openingId)]),
      );
      fake.incidents = fake.incidents.map((one) =>
        one.openingId === action.openingId ? { ...one, owner: action.by.id } : one,
      );
    }
    return { kind: 'answered', answer: { outcome, sentence: `${action.action} ${incident.code} done.` } };
  }

  const fake: FakeIncidents = {
    taken: [],
    resolvedBatches: [],
    declared: [],
    acted: [],
    maintained: [],
    reports: [],
    published: [],
    lists: [],
    incidents: [],
    pages: new Map(),
    involved: new Map(),
    views: new Map(),
    result: null,
    review: null,
    away: null,
    onIntake: () => Promise.resolve(),
    intake: async (input, batch) => {
      await fake.onIntake();
      check();
      fake.taken.push({ input, batch });
    },
    resolved: async (key, batch) => {
      await fake.onIntake();
      check();
      fake.resolvedBatches.push({ key, batch });
      return 'none-open';
    },
    openingOf: async (key) => {
      await Promise.resolve();
      check();
      return (
        fake.incidents.find(({ open, openingId }) => open && openingId.startsWith(key))?.openingId ?? null
      );
    },
    declare: async (input, request) => {
      await Promise.resolve();
      check();
      fake.declared.push(input);
      const { key, plan, severity } = input;
      const first = requests.get(key) ?? {
        request,
        told: {
          openingId: `${key}-0badcafe`,
          service: plan.service.id,
          severity,
          remarks: plan.remarks,
        },
      };
      requests.set(key, first);
      return first.request === request ? first.told : null;
    },
    act: async (action) => {
      await Promise.resolve();
      check();
      const view = fake.views.get(action.openingId);
      if (action.revision !== undefined && (view === undefined || action.revision !== revisionOf(view)))
        throw new IncidentChanged('It has changed.');
      fake.acted.push(action);
      const id = `${action.openingId} ${action.requestId}`;
      const result = answers.get(id) ?? fake.result?.(action) ?? answer(action);
      answers.set(id, result);
      return result;
    },
    maintain: async (openingId, change) => {
      await Promise.resolve();
      check();
      fake.maintained.push({ openingId, change });
      return 'delivered';
    },
    get: async (openingId) => {
      await Promise.resolve();
      check(true);
      return fake.views.get(openingId) ?? null;
    },
    list: async (filter) => {
      await Promise.resolve();
      check();
      fake.lists.push(filter);
      return { incidents: fake.incidents.slice(0, filter.limit), next: 'bmV4dA' };
    },
    openPagesOf: async (userId) => {
      await Promise.resolve();
      check();
      return open(fake.pages.get(userId));
    },
    ownedBy: async (userId) => {
      await Promise.resolve();
      check();
      return fake.incidents.filter((incident) => incident.open && incident.owner === userId);
    },
    involving: async (userId) => {
      await Promise.resolve();
      check();
      return open(fake.involved.get(userId));
    },
    byCode: async (code) => {
      await Promise.resolve();
      check();
      const found = fake.incidents.filter((incident) => incident.code === code.toUpperCase());
      return [...found.filter((one) => one.open), ...found.filter((one) => !one.open)];
    },
    report: async (openingId, report) => {
      await Promise.resolve();
      check();
      fake.reports.push({ openingId, report });
      return 'delivered';
    },
    publishPostmortem: async (openingId, action) => {
      await Promise.resolve();
      check(true);
      fake.published.push({ openingId, action });
      return fake.review;
    },
  };
  return fake;
}
