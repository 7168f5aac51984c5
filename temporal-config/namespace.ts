import { isGrpcServiceError, type Connection } from '@temporalio/client';
import proto, { type google, type temporal } from '@temporalio/proto';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, TemporalSetupError } from './errors.js';

/** The types of search attributes, as the server's own tools name them. */
export type SearchAttributeTypeName =
  'Keyword' | 'KeywordList' | 'Int' | 'Datetime' | 'Text' | 'Bool' | 'Double';

/** Search attributes by name. */
export type SearchAttributeTypes = Readonly<Record<string, SearchAttributeTypeName>>;

/** 30 days: an incident's history must outlive its postmortem deadline and the weekly review (design/temporal.md, Practice). */
export const MINIMUM_RETENTION_MS = 30 * 24 * 3_600_000;

/** gRPC status codes; source: grpc.io, "Status codes and their use". */
const GRPC_INVALID_ARGUMENT = 3;
const GRPC_NOT_FOUND = 5;
const GRPC_ALREADY_EXISTS = 6;

// From the default export: Node does not see this CommonJS package's named ones.
const { IndexedValueType } = proto.temporal.api.enums.v1;
/** The number by which the service names a type. */
export const wireTypes: Readonly<Record<SearchAttributeTypeName, temporal.api.enums.v1.IndexedValueType>> = {
  Keyword: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  KeywordList: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
  Int: IndexedValueType.INDEXED_VALUE_TYPE_INT,
  Datetime: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
  Text: IndexedValueType.INDEXED_VALUE_TYPE_TEXT,
  Bool: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
  Double: IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
};

/** A namespace cache of the server is renewed every 10 s at most; twice that, and some. */
const VISIBLE_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

/**
 * Makes sure that the namespace exists and keeps closed workflows for at least `minimumMs`. Idempotent; a longer retention is
 * left alone. Returns the retention in force, in milliseconds.
 * @throws TemporalSetupError NAMESPACE_REFUSED when the service does not let us (a cloud account without the right to):
 * `tocsin up` stops there, a worker on somebody's cluster may warn instead.
 */
export async function ensureNamespace(
  connection: Connection,
  namespace: string,
  minimumMs: number = MINIMUM_RETENTION_MS,
): Promise<number> {
  const service = connection.workflowService;
  try {
    const current = await service.describeNamespace({ namespace }).catch((error: unknown) => {
      if (hasStatus(error, GRPC_NOT_FOUND)) return null;
      throw error;
    });
    if (current === null) {
      await service
        .registerNamespace({ namespace, workflowExecutionRetentionPeriod: toDuration(minimumMs) })
        .catch((error: unknown) => {
          if (!hasStatus(error, GRPC_ALREADY_EXISTS)) throw error;
        });
    }
    await untilKnown(connection, namespace);
    const described = current ?? (await service.describeNamespace({ namespace }));
    const retentionMs = toMilliseconds(described.config?.workflowExecutionRetentionTtl);
    if (retentionMs >= minimumMs) return retentionMs;
    const updated = await service.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: toDuration(minimumMs) },
    });
    return toMilliseconds(updated.config?.workflowExecutionRetentionTtl);
  } catch (error) {
    throw new TemporalSetupError(
      'NAMESPACE_REFUSED',
      `The namespace "${namespace}" could not be created or given a retention of ${Math.round(minimumMs / 86_400_000)} days: ${messageOf(error)}. Have an administrator do it (temporal operator namespace create or update), and check TEMPORAL_NAMESPACE.`,
      { cause: error },
    );
  }
}

/**
 * Registers the search attributes that the namespace lacks and waits until the server lists them all and takes them: a cluster
 * lists a new one at once and refuses it for up to 10 s. Idempotent, also when several processes do it at once.
 * @throws TemporalSetupError SEARCH_ATTRIBUTE_CONFLICT when one exists with another type; SEARCH_ATTRIBUTES_REFUSED, with the
 * commands for an administrator, when the service does not list or register them, or never shows them
 */
export async function ensureSearchAttributes(
  connection: Connection,
  namespace: string,
  types: SearchAttributeTypes,
): Promise<void> {
  if (Object.keys(types).length === 0) return;
  await registerMissing(connection, namespace, types);
  // Also when none was missing: another process may have registered them a moment ago.
  await untilTaken(connection, namespace, types);
}

async function registerMissing(
  connection: Connection,
  namespace: string,
  types: SearchAttributeTypes,
): Promise<void> {
  const missing = await missingAttributes(connection, namespace, types);
  if (missing.length === 0) return;
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(([name, type]) => [name, wireTypes[type]])),
    });
  } catch (error) {
    if (!hasStatus(error, GRPC_ALREADY_EXISTS)) {
      const names = missing.map(([name]) => name).join(', ');
      throw refused(
        `The search attributes ${names} are missing in the namespace "${namespace}" and could not be registered: ${messageOf(error)}.`,
        namespace,
        Object.fromEntries(missing),
        error,
      );
    }
  }
  const deadline = Date.now() + VISIBLE_TIMEOUT_MS;
  while ((await missingAttributes(connection, namespace, types)).length > 0) {
    if (Date.now() > deadline) {
      throw new TemporalSetupError(
        'SEARCH_ATTRIBUTES_REFUSED',
        `The search attributes registered in the namespace "${namespace}" were not listed within ${VISIBLE_TIMEOUT_MS / 1_000} s. Try again; if it stays so, look at the server's log.`,
      );
    }
    await delay(POLL_MS);
  }
}

/** Asks for something that isn't there by every attribute. A service that does not let us ask has to be believed. */
async function untilTaken(
  connection: Connection,
  namespace: string,
  types: SearchAttributeTypes,
): Promise<void> {
  const conditions = Object.keys(types).map((name) => `${name} IS NULL`);
  const query = ['WorkflowId = "tocsin-search-attributes"', ...conditions].join(' AND ');
  const deadline = Date.now() + VISIBLE_TIMEOUT_MS;
  for (;;) {
    try {
      await connection.workflowService.countWorkflowExecutions({ namespace, query });
      return;
    } catch (error) {
      if (!hasStatus(error, GRPC_INVALID_ARGUMENT)) return;
      if (Date.now() > deadline)
        throw new TemporalSetupError(
          'SEARCH_ATTRIBUTES_REFUSED',
          `The search attributes of the namespace "${namespace}" are registered but were refused for ${VISIBLE_TIMEOUT_MS / 1_000} s: ${messageOf(error)}. Try again; if it stays so, look at the server's log.`,
          { cause: error },
        );
    }
    await delay(POLL_MS);
  }
}

async function missingAttributes(
  connection: Connection,
  namespace: string,
  types: SearchAttributeTypes,
): Promise<[string, SearchAttributeTypeName][]> {
  const { customAttributes } = await connection.operatorService
    .listSearchAttributes({ namespace })
    .catch((error: unknown) => {
      throw refused(
        `The search attributes of the namespace "${namespace}" can't be looked up: ${messageOf(error)}.`,
        namespace,
        types,
        error,
      );
    });
  const missing: [string, SearchAttributeTypeName][] = [];
  for (const [name, type] of Object.entries(types)) {
    const registered = customAttributes[name];
    if (registered === undefined) {
      missing.push([name, type]);
    } else if (registered !== wireTypes[type]) {
      throw new TemporalSetupError(
        'SEARCH_ATTRIBUTE_CONFLICT',
        `The search attribute ${name} exists in the namespace "${namespace}" with another type than ${type}. Remove it (temporal operator search-attribute remove), or give Tocsin a namespace of its own (TEMPORAL_NAMESPACE).`,
      );
    }
  }
  return missing;
}

/** The shell commands that register search attributes, one per type; the CLI takes its address from TEMPORAL_ADDRESS. */
export function registrationCommands(namespace: string, types: SearchAttributeTypes): readonly string[] {
  const entries = Object.entries(types);
  return [...new Set(entries.map(([, type]) => type))].map((type) => {
    const names = entries.filter(([, other]) => other === type).map(([name]) => `--name ${name}`);
    return `temporal operator search-attribute create --namespace ${namespace} --type ${type} ${names.join(' ')}`;
  });
}

function refused(
  what: string,
  namespace: string,
  types: SearchAttributeTypes,
  cause: unknown,
): TemporalSetupError {
  const commands = registrationCommands(namespace, types).map((command) => `\n     ${command}`);
  return new TemporalSetupError(
    'SEARCH_ATTRIBUTES_REFUSED',
    `${what} Without them every incident would be stuck, so nothing was started. Have an administrator register them (on SQL a namespace holds 10 of type Keyword, 3 of type KeywordList and 3 of type Datetime: where that is used up, give Tocsin a namespace of its own with TEMPORAL_NAMESPACE):${commands.join('')}`,
    { cause },
  );
}

/** A fresh namespace is unknown to the frontend's cache at first; a counted query needs it there, and visibility too. */
async function untilKnown(connection: Connection, namespace: string): Promise<void> {
  const deadline = Date.now() + VISIBLE_TIMEOUT_MS;
  for (;;) {
    try {
      await connection.workflowService.countWorkflowExecutions({ namespace });
      return;
    } catch (error) {
      if (!hasStatus(error, GRPC_NOT_FOUND) || Date.now() > deadline) throw error;
    }
    await delay(POLL_MS);
  }
}

function hasStatus(error: unknown, code: number): boolean {
  return isGrpcServiceError(error) && Number(error.code) === code;
}

function toDuration(ms: number): google.protobuf.IDuration {
  return proto.google.protobuf.Duration.fromObject({ seconds: Math.ceil(ms / 1_000) });
}

/** An absent retention counts as none. */
function toMilliseconds(duration: google.protobuf.IDuration | null | undefined): number {
  return Number((duration?.seconds ?? 0).toString()) * 1_000;
}
