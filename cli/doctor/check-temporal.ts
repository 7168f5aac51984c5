import type { Connection } from '@temporalio/client';
import { createClientConnection, type TemporalTarget } from '../../temporal-config/connection.js';
import { messageOf } from '../../temporal-config/errors.js';
import { TASK_QUEUE } from '../../temporal-config/names.js';
import { idleQueues, searchAttributeGaps } from '../../temporal-config/inspect.js';
import { MINIMUM_RETENTION_MS, registrationCommands } from '../../temporal-config/namespace.js';
import { searchAttributeTypes } from '../../temporal-config/search-attributes.js';
import { fail, ok, warn, type Finding } from './finding.js';

const CONNECT_MS = 5_000;
const CALL_MS = 5_000;
const DAY_MS = 86_400_000;
/** Whether Temporal is there, and as Tocsin needs it. */
export async function checkTemporal(target: TemporalTarget): Promise<readonly Finding[]> {
  let connection: Connection;
  try {
    connection = await createClientConnection(target, CONNECT_MS);
  } catch (error) {
    return [
      fail(
        'Temporal',
        messageOf(error),
        'Start it (`npm start` brings its own), or correct TEMPORAL_ADDRESS and its TLS settings.',
      ),
    ];
  }
  try {
    const { namespace } = target;
    return [
      ok('Temporal', `${target.address}, namespace ${namespace}`),
      await checked('Retention', connection, () => retention(connection, namespace)),
      await checked('Search attributes', connection, () => searchAttributes(connection, namespace)),
      await checked('Worker', connection, () => worker(connection, namespace)),
    ];
  } finally {
    await connection.close();
  }
}

async function checked(
  name: string,
  connection: Connection,
  check: () => Promise<Finding>,
): Promise<Finding> {
  try {
    return await connection.withDeadline(Date.now() + CALL_MS, check);
  } catch (error) {
    return fail(
      name,
      `could not be looked up: ${messageOf(error)}`,
      'Check TEMPORAL_NAMESPACE and the rights of the key.',
    );
  }
}

async function retention(connection: Connection, namespace: string): Promise<Finding> {
  const { config } = await connection.workflowService.describeNamespace({ namespace });
  const days = (Number(String(config?.workflowExecutionRetentionTtl?.seconds ?? 0)) * 1_000) / DAY_MS;
  const words = `closed incidents are kept ${Math.floor(days)} days`;
  return days * DAY_MS >= MINIMUM_RETENTION_MS
    ? ok('Retention', words)
    : warn(
        'Retention',
        `${words}, fewer than ${MINIMUM_RETENTION_MS / DAY_MS}`,
        `temporal operator namespace update --namespace ${namespace} --retention ${MINIMUM_RETENTION_MS / DAY_MS}d`,
      );
}

async function searchAttributes(connection: Connection, namespace: string): Promise<Finding> {
  const { missing, wrongType } = await searchAttributeGaps(connection, namespace);
  if (wrongType.length > 0) {
    return fail(
      'Search attributes',
      `of another type than expected: ${wrongType.join(', ')}`,
      'Give Tocsin a namespace of its own (TEMPORAL_NAMESPACE).',
    );
  }
  if (missing.length === 0)
    return ok('Search attributes', `all ${Object.keys(searchAttributeTypes).length} are registered`);
  const types = Object.fromEntries(
    Object.entries(searchAttributeTypes).filter(([name]) => missing.includes(name)),
  );
  return fail(
    'Search attributes',
    `missing: ${missing.join(', ')}`,
    registrationCommands(namespace, types).join('\n     '),
  );
}

async function worker(connection: Connection, namespace: string): Promise<Finding> {
  const idle = await idleQueues(connection, namespace);
  return idle.length === 0
    ? ok('Worker', `polls the task queue ${TASK_QUEUE}`)
    : fail(
        'Worker',
        `nobody polls the task queue ${TASK_QUEUE} for ${idle.join(' and ')} tasks: nobody is paged`,
        'Start one: `npm start` runs it with the rest, `tocsin worker` one alone.',
      );
}
