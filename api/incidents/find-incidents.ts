import { createHash } from 'node:crypto';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { executionInfoFromRaw } from '@temporalio/client/lib/helpers.js';
import { z } from 'zod';
import { incidentWorkflowId, keyOfOpening, openingIdOf } from '../../temporal-config/names.js';
import { attributes, opaqueId } from '../../temporal-config/search-attributes.js';
import type { QuietView } from '../../domain/incident/quiet.js';
import { PHASES } from '../../domain/incident/view.js';
import { ApiError } from '../errors.js';
import type { IncidentFilter, Incidents, IncidentSummary } from './incidents.js';
import { withinDeadline } from './temporal-call.js';

/** A person with more open incidents than this reads a cut list. */
const MAX_FOUND = 50;

/** So many incidents are read for one page of those with a text in their title; the rest is for the next page. */
const MAX_READ = 1_000;

/**
 * A run that continued as new is not an incident of its own, unless its opening ended with it. Visibility lists
 * running workflows first, then the latest closed.
 */
const INCIDENTS = `${attributes.kind.name}="incident" AND (ExecutionStatus != "ContinuedAsNew" OR ${attributes.phase.name}="resolved")`;
const OPEN = `${attributes.kind.name}="incident" AND ExecutionStatus="Running"`;

/** The latest run of one opening. */
export interface RunOfOpening {
  readonly workflowId: string;
  readonly runId: string;
}

type Found = Pick<Incidents, 'list' | 'openPagesOf' | 'ownedBy' | 'involving' | 'byCode'> & {
  runOf(openingId: string): Promise<RunOfOpening | null>;
  /** The open incident of an alert group, whichever opening it is. */
  openOfKey(key: string): Promise<readonly IncidentSummary[]>;
};

/** Finds incidents by search attributes. Values in queries are ids of known shapes: nothing of a request is pasted in. */
export function createFinder(client: Client): Found {
  async function page(
    query: string,
    pageSize: number,
    token?: Uint8Array,
  ): Promise<{ readonly runs: readonly WorkflowExecutionInfo[]; readonly next: Uint8Array }> {
    const namespace = client.options.namespace;
    const response = await withinDeadline(client, 'finding incidents', () =>
      client.connection.workflowService.listWorkflowExecutions({
        namespace,
        query,
        pageSize,
        ...(token === undefined ? {} : { nextPageToken: token }),
      }),
    );
    const runs = await Promise.all(
      response.executions.map((raw) =>
        executionInfoFromRaw(raw, client.options.loadedDataConverter, raw, namespace),
      ),
    );
    return { runs, next: response.nextPageToken };
  }

  async function find(query: string): Promise<readonly IncidentSummary[]> {
    return (await page(query, MAX_FOUND)).runs.map(summaryOf);
  }

  return {
    list: async (filter) => {
      const query = queryOf(filter);
      const wanted = filter.text?.toLowerCase();
      const incidents: IncidentSummary[] = [];
      let token = tokenOf(filter.cursor, query);
      // Titles are no search attribute, since they are others' words: they are read, so many at a time, and left out here.
      for (let read = 0; read < MAX_READ; read += filter.limit) {
        const { runs, next } = await page(query, filter.limit, token);
        const found = runs.map(summaryOf);
        incidents.push(
          ...(wanted === undefined
            ? found
            : found.filter(({ title }) => title.toLowerCase().includes(wanted))),
        );
        token = next.length === 0 ? undefined : next;
        if (token === undefined || incidents.length > 0 || wanted === undefined) break;
      }
      return { incidents, ...(token === undefined ? {} : { next: cursorOf(token, query) }) };
    },
    openPagesOf: (userId) => find(`${OPEN} AND ${attributes.paged.name}="${opaqueId(userId)}"`),
    ownedBy: (userId) => find(`${OPEN} AND ${attributes.owner.name}="${opaqueId(userId)}"`),
    involving: (userId) => find(`${OPEN} AND ${attributes.responders.name}="${opaqueId(userId)}"`),
    byCode: async (code) => {
      if (!/^[A-Za-z0-9]{4}$/.test(code)) return [];
      const found = await find(`${INCIDENTS} AND ${attributes.code.name}="${code.toUpperCase()}"`);
      return [...found.filter(({ open }) => open), ...found.filter(({ open }) => !open)];
    },
    runOf: async (openingId) => {
      if (keyOfOpening(openingId) === null) return null;
      const query = `${attributes.kind.name}="incident" AND ${attributes.opening.name}="${openingId}"`;
      const { runs } = await page(query, MAX_FOUND);
      const latest = [...runs].sort((a, b) => b.startTime.getTime() - a.startTime.getTime())[0];
      return latest === undefined ? null : { workflowId: latest.workflowId, runId: latest.runId };
    },
    openOfKey: (key) => find(`${OPEN} AND WorkflowId="${incidentWorkflowId(key)}"`),
  };
}

/** The query of a filter, but for the text in the title. */
function queryOf(filter: IncidentFilter): string {
  const { phase, service, team, severity, owner, responder, open, since, until } = filter;
  const id = (name: string, value: string | undefined): readonly string[] =>
    value === undefined ? [] : [`${name}="${opaqueId(value)}"`];
  return [
    open === true ? OPEN : INCIDENTS,
    ...(open === false ? ['ExecutionStatus != "Running"'] : []),
    ...(phase === undefined ? [] : [`${attributes.phase.name}="${phase}"`]),
    ...id(attributes.service.name, service),
    ...id(attributes.team.name, team),
    ...id(attributes.severity.name, severity),
    ...id(attributes.owner.name, owner),
    ...id(attributes.responders.name, responder),
    ...(since === undefined ? [] : [`${attributes.opened.name} >= "${new Date(since).toISOString()}"`]),
    ...(until === undefined ? [] : [`${attributes.opened.name} <= "${new Date(until).toISOString()}"`]),
  ].join(' AND ');
}

/**
 * Temporal's page token, which names the last incident of a page, with a check sum over it and the query: the server takes
 * seconds to refuse one that was cut off, and says nothing to one of another query.
 */
export function cursorOf(token: Uint8Array, query: string): string {
  return Buffer.concat([sumOf(token, query), token]).toString('base64url');
}

/** @throws ApiError `invalid-query` for what `cursorOf` never made of this query */
export function tokenOf(cursor: string | undefined, query: string): Uint8Array | undefined {
  if (cursor === undefined) return undefined;
  const bytes = Buffer.from(cursor, 'base64url');
  const token = bytes.subarray(SUM_BYTES);
  if (token.length > 0 && bytes.subarray(0, SUM_BYTES).equals(sumOf(token, query))) return token;
  throw new ApiError('invalid-query', 'The cursor is not one that Tocsin gave for this list.', {
    problems: [
      { path: 'cursor', message: 'Use `next` of an earlier page as it stands, with the same filters.' },
    ],
    remedy: 'Leave `cursor` out to begin with the first page.',
  });
}

const SUM_BYTES = 6;

function sumOf(token: Uint8Array, query: string): Buffer {
  return createHash('sha256').update(token).update(query).digest().subarray(0, SUM_BYTES);
}

const quietMemo = z.object({
  until: z.number(),
  reason: z.string(),
  windows: z.array(z.string()),
  rests: z.boolean(),
}) satisfies z.ZodType<QuietView>;

function summaryOf(run: WorkflowExecutionInfo): IncidentSummary {
  const read = run.typedSearchAttributes;
  const memo = (name: string): string | undefined => {
    const value = run.memo?.[name];
    return typeof value === 'string' ? value : undefined;
  };
  const phase = read.get(attributes.phase);
  const owner = read.get(attributes.owner);
  const ownerName = memo('owner');
  const quiet = quietMemo.safeParse(run.memo?.['quiet']);
  const key = run.workflowId.replace(/^incident:/, '');
  return {
    openingId: read.get(attributes.opening) ?? openingIdOf(key, run.runId),
    code: read.get(attributes.code) ?? '',
    title: memo('title') ?? '',
    service: memo('service') ?? read.get(attributes.service) ?? '',
    severity: read.get(attributes.severity) ?? '',
    phase: PHASES.find((known) => known === phase) ?? 'triggered',
    open: run.status.name === 'RUNNING',
    ...(owner === undefined
      ? {}
      : { owner, ownerName: ownerName === undefined || ownerName === '' ? owner : ownerName }),
    startedAt: (read.get(attributes.opened) ?? run.startTime).getTime(),
    ...(quiet.success ? { quiet: quiet.data } : {}),
  };
}
