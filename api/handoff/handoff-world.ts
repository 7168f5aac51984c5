import type { Client } from '@temporalio/client';
import type { DigestDuty, DigestIncident } from '../../domain/handoff/digest.js';
import type { HandoffWorld } from '../../domain/handoff/ports.js';
import { reviewQuery } from '../../workflows/messages.js';
import { attributes, opaqueId } from '../../temporal-config/search-attributes.js';
import type { IncidentFilter, Incidents, IncidentSummary } from '../incidents/incidents.js';
import { askingAWorker, withinDeadline } from '../incidents/temporal-call.js';

export interface HandoffWorldDeps {
  readonly client: Client;
  readonly incidents: Pick<Incidents, 'list' | 'get' | 'act'>;
}

/** What one service has open or had in a week: beyond it a digest is no help. */
const MOST_OF_A_SERVICE = 100;
/** Each is read from its workflow. */
const MOST_READ = 20;

/** What hand-overs ask of incidents, over a connection to Temporal. */
export function createHandoffWorld({ client, incidents }: HandoffWorldDeps): HandoffWorld {
  async function listed(
    services: readonly string[],
    filter: Omit<IncidentFilter, 'limit' | 'service'>,
  ): Promise<readonly IncidentSummary[]> {
    const pages = await Promise.all(
      services.map((service) => incidents.list({ ...filter, service, limit: MOST_OF_A_SERVICE })),
    );
    return pages.flatMap((page) => page.incidents);
  }

  /** Until when an incident is snoozed: only its workflow knows. One that can't be read is told without. */
  async function withSnooze(incident: IncidentSummary): Promise<DigestIncident> {
    const digest = digestOf(incident);
    if (incident.owner === undefined) return digest;
    const view = await incidents.get(incident.openingId).catch(() => null);
    return view?.snoozed === undefined ? digest : { ...digest, snoozedUntil: view.snoozed.until };
  }

  return {
    open: async (services) => {
      const open = [...(await listed(services, { open: true }))].sort((a, b) => a.startedAt - b.startedAt);
      const read = await Promise.all(open.slice(0, MOST_READ).map(withSnooze));
      return [...read, ...open.slice(MOST_READ).map(digestOf)];
    },
    recent: async (services, since) => {
      const over = await listed(services, { open: false, since });
      return [...over].sort((a, b) => b.startedAt - a.startedAt).map(digestOf);
    },
    duties: async (services) => {
      const reviews: string[] = [];
      await withinDeadline(client, 'listing reviews', async () => {
        reviews.length = 0;
        for (const service of services) {
          const query = `${attributes.kind.name}="review" AND ExecutionStatus="Running" AND ${attributes.service.name}="${opaqueId(service)}"`;
          for await (const { workflowId } of client.workflow.list({ query, pageSize: MOST_READ })) {
            reviews.push(workflowId);
            if (reviews.length >= MOST_READ) return;
          }
        }
      });
      const views = await Promise.all(
        reviews.map((id) =>
          askingAWorker(client, 'reading a review', () => client.workflow.getHandle(id).query(reviewQuery)),
        ),
      );
      return views
        .flatMap(({ code, title, postmortem }): readonly DigestDuty[] =>
          postmortem.required && postmortem.published === undefined
            ? [{ code, title, dueAt: postmortem.dueAt }]
            : [],
        )
        .sort((a, b) => a.dueAt - b.dueAt);
    },
    takeOver: async ({ handoffId, schedule, services, from, to, via }) => {
      const theirs = await listed(services, { open: true, owner: from });
      const results = await Promise.all(
        theirs.map(({ openingId }) =>
          incidents.act({
            action: 'take',
            handover: { schedule, from },
            openingId,
            by: { kind: 'user', id: to.id, name: to.name },
            via,
            requestId: `handoff:${handoffId}`,
          }),
        ),
      );
      return results.filter(
        (result) =>
          result.kind === 'noted' || (result.kind === 'answered' && result.answer.outcome === 'taken'),
      ).length;
    },
  };
}

function digestOf({
  code,
  title,
  service,
  severity,
  phase,
  owner,
  ownerName,
  startedAt,
}: IncidentSummary): DigestIncident {
  return { code, title, service, severity, phase, owner: ownerName ?? owner ?? null, openedAt: startedAt };
}
