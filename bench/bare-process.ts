/**
 * What Tocsin is compared with, in a process of its own: a worker with the bare workflow, and an HTTP door that does nothing but
 * start it. Same server, same SDK, same kind of connection (the worker's, shared), same kind of request to the provider.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { createNativeConnection, createTemporalClient, plainTarget } from '../temporal-config/connection.js';
import { createBareActivities } from './bare-activities.js';
import { tellParent, whenReleased } from './ipc.js';

const TASK_QUEUE = 'bench-bare';
const [address = '', namespace = '', providerUrl = ''] = process.argv.slice(2);

const logger = new DefaultLogger('ERROR');
Runtime.install({ logger, shutdownSignals: [] });
const target = plainTarget(address, namespace);
const connection = await createNativeConnection(target);
const client = await createTemporalClient(target, {}, connection);
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue: TASK_QUEUE,
  workflowBundle: await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('./bare-workflow.ts', import.meta.url)),
    logger,
  }),
  activities: { ...createBareActivities(providerUrl) },
  // As worker/create-worker.ts has it.
  maxConcurrentActivityTaskExecutions: 200,
});
const running = worker.run();

const door = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const mark = Buffer.concat(chunks).toString('utf8');
    client.workflow
      .start('bare', { workflowId: `bare:${mark}`, taskQueue: TASK_QUEUE, args: [mark] })
      .then(() => response.writeHead(202).end())
      .catch((error: unknown) => response.writeHead(503).end(String(error)));
  });
});
// Longer than any pause of the load generator: a connection that closes under a request would be an error of the bench's own.
door.keepAliveTimeout = 600_000;
door.listen(0, '127.0.0.1', () => {
  const { port } = door.address() as AddressInfo;
  tellParent({
    url: `http://127.0.0.1:${port}`,
    cachedWorkflows: worker.options.maxCachedWorkflows,
  });
});

whenReleased(async () => {
  door.closeAllConnections();
  door.close();
  worker.shutdown();
  await running;
  await connection.close();
});
