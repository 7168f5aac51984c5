import { createServer, type AddressInfo, type Socket } from 'node:net';
import {
  ApplicationFailure,
  Client,
  Connection,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type WorkflowClientInterceptor,
  type WorkflowSignalInput,
  type WorkflowSignalWithStartInput,
} from '@temporalio/client';
import { afterEach, describe, expect, it } from 'vitest';
import { createIncidents } from '../../api/incidents/create-incidents.js';
import { cutToBytes } from '../../api/incidents/start-options.js';
import { MayStillCount, TemporalUnavailable } from '../../api/incidents/incidents.js';
import type { PersonAction } from '../../domain/incident/event.js';
import { batchOf, inputOf } from '../support/plans.js';
import { OPENING } from './support/test-app.js';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A port of loopback where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A port of loopback where somebody listens and never says a word. */
async function silentPort(): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** Incidents on a client that reaches no server, but for what the interceptor answers in its place. */
async function incidentsWith(interceptor: WorkflowClientInterceptor = {}, port = closedPort()) {
  // The SDK's retries outlive a closed connection (an uncaught "Channel has been shut down"): none here.
  const connection = Connection.lazy({ address: `127.0.0.1:${await port}`, interceptors: [] });
  cleanups.push(() => connection.close());
  return createIncidents({ client: new Client({ connection, interceptors: { workflow: [interceptor] } }) });
}

const ACTION: PersonAction = {
  action: 'acknowledge',
  requestId: 'sms:SM1',
  openingId: OPENING,
  by: { kind: 'key', id: 'ops', name: 'ops' },
  via: 'sms',
};

function timedOut(): Error {
  return new WorkflowUpdateRPCTimeoutOrCancelledError('Deadline exceeded');
}

function failedWith(type: string): Error {
  const cause = ApplicationFailure.create({ message: 'refused', type, nonRetryable: true });
  return new WorkflowUpdateFailedError('Workflow Update failed', cause);
}

describe('with Temporal away', () => {
  it.each([
    ['refuses connections', closedPort],
    ['accepts them and stays silent', silentPort],
  ])('that %s, every call ends within seconds and says so', async (_case, port) => {
    const incidents = await incidentsWith({}, port());
    const began = Date.now();
    const calls = [
      incidents.intake(inputOf(), batchOf([])),
      incidents.resolved(inputOf().key, batchOf([])),
      incidents.openingOf(inputOf().key),
      incidents.declare(inputOf(), 'a hash'),
      incidents.act(ACTION),
      incidents.get(OPENING),
      incidents.list({ limit: 10 }),
      incidents.openPagesOf('alice'),
      incidents.ownedBy('alice'),
      incidents.involving('alice'),
      incidents.byCode('7KQ2'),
      incidents.report(OPENING, { deliveryId: 'd1', provider: 'twilio-sms', status: 'delivered' }),
      incidents.publishPostmortem(OPENING, {
        requestId: 'r',
        by: ACTION.by,
        action: 'publish-postmortem',
        url: 'https://wiki.example.com',
      }),
    ];
    const results = await Promise.allSettled(calls);
    for (const result of results) {
      const reason: unknown = result.status === 'rejected' ? result.reason : result;
      expect(reason).toBeInstanceOf(TemporalUnavailable);
      expect((reason as TemporalUnavailable).what).toBe('temporal');
    }
    expect(Date.now() - began).toBeLessThan(8_000);
  });
});

/** An error of the service with this gRPC status, as the client's transports throw it. */
function grpcError(code: number, details = ''): Error {
  return Object.assign(new Error(`${code} ${details}`), { code, details, metadata: {} });
}

describe('what the service says', () => {
  const intake = async (thrown: Error) => {
    const incidents = await incidentsWith({ signalWithStart: () => Promise.reject(thrown) });
    return incidents.intake(inputOf(), batchOf([]));
  };

  it.each([
    ['CANCELLED', grpcError(1)],
    ['DEADLINE_EXCEEDED', grpcError(4)],
    ['RESOURCE_EXHAUSTED', grpcError(8)],
    ['ABORTED', grpcError(10)],
    ['UNAVAILABLE', grpcError(14)],
    ['a broken stream', grpcError(13, 'Received RST_STREAM with code 2')],
    ['a broken transport', grpcError(2, 'transport error')],
  ])('passes by itself: %s, also wrapped by the client', async (_case, thrown) => {
    await expect(intake(thrown)).rejects.toBeInstanceOf(TemporalUnavailable);
    const wrapped = new ServiceError('Failed to signalWithStart Workflow', { cause: thrown });
    await expect(intake(wrapped)).rejects.toBeInstanceOf(TemporalUnavailable);
  });

  it.each([
    ['INVALID_ARGUMENT', grpcError(3, 'Blob data size exceeds limit.')],
    ['PERMISSION_DENIED', grpcError(7)],
    ['FAILED_PRECONDITION', grpcError(9)],
    ['INTERNAL', grpcError(13, 'a bug of the server')],
    ['UNAUTHENTICATED', grpcError(16)],
  ])('will never work: %s stays what it is', async (_case, thrown) => {
    await expect(intake(thrown)).rejects.toBe(thrown);
    const wrapped = new ServiceError('Failed to signalWithStart Workflow', { cause: thrown });
    await expect(intake(wrapped)).rejects.toBe(wrapped);
  });

  it('is that nobody has polled lately: a worker is missing', async () => {
    const incidents = await incidentsWith({
      query: () => Promise.reject(new ServiceError('Failed to query Workflow', { cause: grpcError(9) })),
    });
    await expect(incidents.get(OPENING)).rejects.toMatchObject({
      name: 'TemporalUnavailable',
      what: 'worker',
    });
  });
});

describe('act', () => {
  it('sends the same request as a signal, to be confirmed, when no worker takes the update in time', async () => {
    const signals: WorkflowSignalInput[] = [];
    const incidents = await incidentsWith({
      startUpdate: () => Promise.reject(timedOut()),
      signal: (input) => {
        signals.push(input);
        return Promise.resolve();
      },
    });
    expect(await incidents.act(ACTION)).toEqual({ kind: 'noted' });
    expect(signals).toMatchObject([
      {
        signalName: 'action',
        workflowExecution: { workflowId: 'incident:0123456789abcdef0123' },
        args: [{ ...ACTION, confirm: true }],
      },
    ]);
  });

  it('asks by an update of its own name, with the request id as update id', async () => {
    const asked: { updateName: string; updateId: string | undefined; workflowId: string | undefined }[] = [];
    const incidents = await incidentsWith({
      startUpdate: (input) => {
        asked.push({
          updateName: input.updateName,
          updateId: input.options.updateId,
          workflowId: input.workflowExecution.workflowId,
        });
        return Promise.reject(failedWith('over'));
      },
    });
    await incidents.act({ ...ACTION, action: 'note', text: 'hello' });
    expect(asked).toEqual([
      { updateName: 'note', updateId: 'sms:SM1', workflowId: 'incident:0123456789abcdef0123' },
    ]);
  });

  it.each([
    ['refuses as over', () => failedWith('over')],
    ['is another opening', () => failedWith('wrong-incident')],
    ['closes before it answers', () => failedWith('AcceptedUpdateCompletedWorkflow')],
    ['is gone', () => new WorkflowNotFoundError('gone', 'incident:x', undefined)],
  ])('says that the incident is over when it %s', async (_case, thrown) => {
    const incidents = await incidentsWith({ startUpdate: () => Promise.reject(thrown()) });
    expect(await incidents.act(ACTION)).toEqual({ kind: 'over', openNow: [] });
  });

  it('says that it is over when the signal that replaces the update finds nothing', async () => {
    const incidents = await incidentsWith({
      startUpdate: () => Promise.reject(timedOut()),
      signal: () => Promise.reject(new WorkflowNotFoundError('gone', 'incident:x', undefined)),
    });
    expect(await incidents.act(ACTION)).toEqual({ kind: 'over', openNow: [] });
  });

  it('asks the successor when the run continues as new under its feet', async () => {
    let asked = 0;
    const signals: WorkflowSignalInput[] = [];
    const incidents = await incidentsWith({
      startUpdate: () => {
        asked += 1;
        return Promise.reject(
          asked === 1 ? new WorkflowNotFoundError('closed', 'incident:x', undefined) : timedOut(),
        );
      },
      signal: (input) => {
        signals.push(input);
        return Promise.resolve();
      },
    });
    expect(await incidents.act(ACTION)).toEqual({ kind: 'noted' });
    expect([asked, signals.length]).toEqual([2, 1]);
  });

  it('sends a signal when the update fails for a reason that nobody foresaw', async () => {
    const incidents = await incidentsWith({
      startUpdate: () => Promise.reject(new ServiceError('Failed', { cause: grpcError(13) })),
      signal: () => Promise.resolve(),
    });
    expect(await incidents.act(ACTION)).toEqual({ kind: 'noted' });
  });

  it.each([
    ['worker', timedOut],
    ['temporal', () => new ServiceError('Failed', { cause: grpcError(14) })],
  ] as const)(
    'never replaces an update that goes by what was read, and says that it may still count, without %s',
    async (what, thrown) => {
      const incidents = await incidentsWith({ startUpdate: () => Promise.reject(thrown()) });
      const failed: unknown = await incidents
        .act({ ...ACTION, revision: 3 })
        .catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(MayStillCount);
      expect(failed).toMatchObject({ what });
    },
  );

  it('says that a postmortem that nobody answered may still count', async () => {
    const incidents = await incidentsWith({ startUpdate: () => Promise.reject(timedOut()) });
    const action = {
      action: 'publish-postmortem',
      requestId: 'api:1',
      by: ACTION.by,
      url: 'https://x',
    } as const;
    await expect(incidents.publishPostmortem(OPENING, action)).rejects.toBeInstanceOf(MayStillCount);
  });

  it('passes on what is nobody’s absence', async () => {
    const incidents = await incidentsWith({ startUpdate: () => Promise.reject(failedWith('bug')) });
    await expect(incidents.act(ACTION)).rejects.toBeInstanceOf(WorkflowUpdateFailedError);
  });

  it('does not ask Temporal about an id that names nothing', async () => {
    const incidents = await incidentsWith();
    expect(await incidents.act({ ...ACTION, openingId: "x' OR 1=1" })).toEqual({ kind: 'over', openNow: [] });
    expect(await incidents.get('nonsense')).toBeNull();
    expect(await incidents.byCode('"; --')).toEqual([]);
    expect(await incidents.report('nonsense', { deliveryId: 'd', provider: 'p', status: 'delivered' })).toBe(
      'none-open',
    );
  });
});

describe('intake', () => {
  it('starts or signals the one workflow of the key, readable for the ops team', async () => {
    const started: WorkflowSignalWithStartInput[] = [];
    const incidents = await incidentsWith({
      signalWithStart: (input) => {
        started.push(input);
        return Promise.resolve('run');
      },
    });
    const input = inputOf({ title: 'é'.repeat(300) });
    await incidents.intake(input, batchOf([]));
    const [sent] = started;
    expect(sent).toMatchObject({
      workflowType: 'incident',
      signalName: 'alerts',
      signalArgs: [batchOf([])],
      options: {
        workflowId: 'incident:0123456789abcdef0123',
        taskQueue: 'tocsin',
        args: [input],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'USE_EXISTING',
        memo: { title: input.title, service: 'payments', owner: '' },
      },
    });
    expect(Buffer.byteLength(sent?.options.staticSummary ?? '')).toBeLessThanOrEqual(200);
    const pairs = sent?.options.typedSearchAttributes;
    const named = Array.isArray(pairs) ? pairs : (pairs?.getAll() ?? []);
    expect(Object.fromEntries(named.map(({ key, value }) => [key.name, value]))).toEqual({
      TocsinKind: 'incident',
      TocsinOpened: expect.any(Date) as Date,
      TocsinService: 'payments',
      TocsinSeverity: 'SEV1',
      TocsinPhase: 'triggered',
    });
  });

  it('takes it that nothing is open for alerts that are all over', async () => {
    const incidents = await incidentsWith({
      signal: () => Promise.reject(new WorkflowNotFoundError('gone', 'incident:x', undefined)),
    });
    expect(await incidents.resolved(inputOf().key, batchOf([]))).toBe('none-open');
  });
});

describe('list', () => {
  it('refuses a cursor that Tocsin did not give, at once', async () => {
    const incidents = await incidentsWith();
    await expect(incidents.list({ limit: 10, cursor: 'bmV4dA' })).rejects.toMatchObject({
      code: 'invalid-query',
    });
  });
});

describe('cutToBytes', () => {
  it.each([
    ['short', 200, 'short'],
    ['ééééé', 9, 'ééé…'],
    ['👍👍👍', 11, '👍👍…'],
    ['exactly', 7, 'exactly'],
  ])('of %s to %i bytes is %s', (text, bytes, cut) => {
    expect(cutToBytes(text, bytes)).toBe(cut);
    expect(Buffer.byteLength(cutToBytes(text, bytes))).toBeLessThanOrEqual(bytes);
  });
});
