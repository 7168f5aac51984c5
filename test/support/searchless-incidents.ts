import type { Client } from '@temporalio/client';
import { createIncidents } from '../../api/incidents/create-incidents.js';
import type { Incidents, IncidentSummary } from '../../api/incidents/incidents.js';
import type { IncidentView } from '../../domain/incident/view.js';
import { attributes, opaqueId } from '../../temporal-config/search-attributes.js';
import { incidentQuery } from '../../workflows/messages.js';

/** A run of an incident. */
export interface RunOfIncident {
  readonly workflowId: string;
  readonly runId: string;
}

/** The incidents of these runs, as they are at the time of a search. */
type Runs = () => readonly RunOfIncident[];

type Searched = Pick<Incidents, 'openPagesOf' | 'ownedBy' | 'involving' | 'byCode' | 'act'>;

/**
 * What answers replies in production, for a server that cannot search: instead it is asked for each run, by the search
 * attributes that the workflow keeps.
 */
export function createSearchlessIncidents(client: Client, runs: Runs): Searched {
  const incidents = createIncidents({ client });

  async function find(
    suits: (kept: {
      readonly paged: readonly string[];
      readonly responders: readonly string[];
      readonly owner: string | undefined;
      readonly summary: IncidentSummary;
    }) => boolean,
  ): Promise<readonly IncidentSummary[]> {
    const found: IncidentSummary[] = [];
    for (const { workflowId, runId } of runs()) {
      const handle = client.workflow.getHandle(workflowId, runId);
      const { status, typedSearchAttributes: kept } = await handle.describe();
      const summary = summaryOf(
        await handle.query<IncidentView, []>(incidentQuery),
        status.name === 'RUNNING',
      );
      const of = {
        paged: kept.get(attributes.paged) ?? [],
        responders: kept.get(attributes.responders) ?? [],
        owner: kept.get(attributes.owner),
        summary,
      };
      if (suits(of)) found.push(summary);
    }
    return found;
  }

  const findOpen = (suits: Parameters<typeof find>[0]) => find((kept) => kept.summary.open && suits(kept));

  return {
    act: (action) => incidents.act(action),
    openPagesOf: (userId) => findOpen(({ paged }) => paged.includes(opaqueId(userId))),
    ownedBy: (userId) => findOpen(({ owner }) => owner === opaqueId(userId)),
    involving: (userId) => findOpen(({ responders }) => responders.includes(opaqueId(userId))),
    byCode: (code) => find(({ summary }) => summary.code === code.toUpperCase()),
  };
}

function summaryOf(view: IncidentView, open: boolean): IncidentSummary {
  const { openingId, code, title, service, severity, phase, openedAt, owner } = view;
  return {
    openingId,
    code,
    title,
    service,
    severity,
    phase,
    open,
    ...(owner === undefined ? {} : { owner: opaqueId(owner.id), ownerName: owner.name }),
    startedAt: openedAt,
  };
}
