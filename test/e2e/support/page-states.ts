import type { IncidentView } from '../../../domain/incident/view.js';
import { MINUTE, SECOND } from '../../../domain/time/instant.js';
import { viewOf } from '../../api/support/incidents-of-the-tests.js';

/** The incident of the API's tests, with its times moved to now. */
export function burning(changes: Partial<IncidentView> = {}): IncidentView {
  const view = viewOf();
  const shift = Date.now() - 2 * MINUTE - view.openedAt;
  return {
    ...view,
    openedAt: view.openedAt + shift,
    paged: view.paged.map((page) => ({ ...page, at: page.at + shift })),
    deadlines: view.deadlines.map((deadline) => ({ ...deadline, at: deadline.at + shift })),
    timeline: view.timeline.map((entry) => ({ ...entry, at: entry.at + shift })),
    ...changes,
  };
}

/** What changes when Alice, whose link it is, has it. */
export const mine = (): Partial<IncidentView> => ({
  phase: 'acknowledged',
  paging: false,
  paged: [],
  owner: { id: 'alice', name: 'Alice', since: Date.now() - MINUTE },
  acknowledgedAt: Date.now() - MINUTE,
});

export const bobs = (): Partial<IncidentView> => ({
  ...mine(),
  owner: { id: 'bob', name: 'Bob', since: Date.now() - MINUTE },
});

export const over = (): Partial<IncidentView> => ({
  ...mine(),
  phase: 'resolved',
  resolvedAt: Date.now() - SECOND,
  deadlines: [],
});

/** Bob is asked to take it over, it is snoozed, and helpers are asked who stand in every way there is. */
export const aside = (): Partial<IncidentView> => {
  const since = Date.now() - MINUTE;
  const helper = { by: 'Bob', since } as const;
  return {
    ...mine(),
    paged: [
      { userId: 'bob', name: 'Bob', at: since, open: true },
      { userId: 'dan', name: 'Dan', at: since, open: true },
    ],
    snoozed: { by: 'Alice', until: Date.now() + 29 * MINUTE },
    handover: { to: 'Bob', by: 'Carol', since },
    responders: [
      { ...helper, name: 'Dan', status: 'paging', paged: ['Dan'], reason: 'the payment database is full' },
      { ...helper, name: 'team storage', status: 'joined', paged: ['Erin', 'Fay'], joined: 'Fay' },
      { ...helper, name: 'schedule network', status: 'unanswered', paged: ['Gil'] },
    ],
    timeline: [
      { at: since, type: 'reassigning', who: 'Carol', via: 'cli', to: 'Bob', reason: 'her shift is over' },
      ...['Bob', 'Dan'].flatMap((name) => [
        {
          at: since,
          type: 'paged' as const,
          userId: name.toLowerCase(),
          name,
          via: 'asked by name',
          tier: 'the one asked',
          reason: 'asked-to-help' as const,
        },
        {
          at: since,
          type: 'sent' as const,
          name,
          channel: 'sms' as const,
          what: 'the one asked',
          provider: 'twilio-sms',
        },
      ]),
    ],
  };
};

const long = 'x'.repeat(180);

/** Long and from right to left, wherever somebody else writes. */
export const awkward = (): Partial<IncidentView> => ({
  title: `توقف الدفع في الخادم ${long}`,
  service: `service-${long}`,
  team: long,
  source: long,
  runbook: `https://wiki.example.com/${long}`,
  link: `javascript:${long}`,
  deadlines: [{ name: 'ack', at: Date.now() + 61 * MINUTE, label: long }],
  handover: { to: long, by: 'محمد بن عبد الله', since: Date.now() },
  snoozed: { by: long, until: Date.now() + 61 * MINUTE },
  responders: [
    {
      name: long,
      by: long,
      since: Date.now(),
      status: 'paging',
      paged: [long, 'שלום'],
      reason: `توقف ${long}`,
    },
  ],
  timeline: [
    { at: Date.now(), type: 'note', who: 'محمد بن عبد الله', via: 'sms', text: `${long} שלום עולם ${long}` },
  ],
});
