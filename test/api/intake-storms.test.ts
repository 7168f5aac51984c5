import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { incidentKey } from '../../api/intake/normalize.js';
import { INCIDENTS_PER_REQUEST } from '../../api/intake/overflow.js';
import type { ErrorBody } from '../../api/errors.js';
import { amAlert, amPayload } from './support/alertmanager-payload.js';
import { createTestApp, type TestApp } from './support/test-app.js';
import { ALERTMANAGER_KEY, GROUPED_KEY } from './support/test-config.js';

const URL = '/v1/alerts/alertmanager';
const MB = 1024 * 1024;

interface Accepted {
  accepted: number;
  incidents: {
    key: string;
    service: string;
    severity: string;
    firing: number;
    resolved: number;
    remarks: string[];
  }[];
}

function send(test: TestApp, payload: string | object, key = ALERTMANAGER_KEY) {
  return test.app.inject({
    method: 'POST',
    url: URL,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    payload,
  });
}

/** An alert of a zone; `groupBy` of the integration `grouped` is service and zone. */
function inZone(zone: string, status: 'firing' | 'resolved' = 'firing', severity = 'critical') {
  return amAlert({
    status,
    labels: { alertname: 'Down', service: 'payments', zone, severity },
    fingerprint: `of-${zone}`,
  });
}

function zones(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `zone-${index}`);
}

describe('a request with very many alerts', () => {
  it('of 10,000 is taken whole', async () => {
    const test = createTestApp();
    const alerts = Array.from({ length: 10_000 }, (_, index) =>
      amAlert({
        fingerprint: String(index),
        annotations: { summary: `Disk ${index} is full` },
        labels: { service: 'payments' },
      }),
    );
    const payload = JSON.stringify(amPayload({ alerts }));
    expect(payload.length).toBeLessThan(5 * MB);
    const answer = await send(test, payload);
    expect(answer.statusCode).toBe(202);
    expect(answer.json<Accepted>()).toMatchObject({ accepted: 10_000, incidents: [{ firing: 10_000 }] });
    const taken = test.incidents.taken.flatMap(({ batch }) => batch.alerts);
    expect(new Set(taken.map(({ fingerprint }) => fingerprint)).size).toBe(10_000);
    expect(taken.map(({ summary }) => summary)).toEqual(
      Array.from({ length: 10_000 }, (_, index) => `Disk ${index} is full`),
    );
    expect(new Set(test.incidents.taken.map(({ input }) => input.key)).size).toBe(1);
  });

  it('of exactly 5 MB is taken, and one byte more is refused with the limit and opens the malformed-alert incident', async () => {
    const test = createTestApp();
    const bare = JSON.stringify(amPayload({ filler: '' }));
    const filled = (bytes: number): string =>
      JSON.stringify(amPayload({ filler: 'x'.repeat(bytes - bare.length) }));
    expect((await send(test, filled(5 * MB))).statusCode).toBe(202);
    const answer = await send(test, filled(5 * MB + 1));
    expect(answer.statusCode).toBe(413);
    expect(answer.json<ErrorBody>().error).toMatchObject({ code: 'body-too-large' });
    expect(answer.json<ErrorBody>().error.message).toContain('5 MB');
    expect(test.incidents.taken.map(({ input }) => input.title)).toEqual([
      'HighErrorRate',
      'Malformed alert from integration prometheus',
    ]);
  });
});

describe('groups by labels', () => {
  it('put what lacks a label, or has it empty, into one group of its own', async () => {
    const test = createTestApp();
    const { zone: _zone, ...without } = inZone('a')['labels'] as Record<string, string>;
    const alerts = [
      inZone('a'),
      amAlert({ labels: without, fingerprint: 'none' }),
      amAlert({ labels: { ...without, zone: '' }, fingerprint: 'empty' }),
    ];
    const answer = await send(test, amPayload({ alerts }), GROUPED_KEY);
    expect(answer.json<Accepted>().incidents.map(({ firing }) => firing)).toEqual([1, 2]);
    expect(test.incidents.taken[1]?.input.key).toBe(incidentKey('grouped', ['payments', '']));
  });

  it('tell values apart however they are cut, and take values of 10 kB', async () => {
    const test = createTestApp();
    const long = 'z'.repeat(10_240);
    const alerts = [
      amAlert({ labels: { service: 'a","b', zone: '' }, fingerprint: '1' }),
      amAlert({ labels: { service: 'a', zone: 'b' }, fingerprint: '2' }),
      amAlert({ labels: { service: 'payments', zone: `${long}1` }, fingerprint: '3' }),
      amAlert({ labels: { service: 'payments', zone: `${long}2` }, fingerprint: '4' }),
    ];
    const answer = await send(test, amPayload({ alerts }), GROUPED_KEY);
    expect(answer.statusCode).toBe(202);
    const keys = answer.json<Accepted>().incidents.map(({ key }) => key);
    expect(new Set(keys).size).toBe(4);
    expect(keys.every((key) => /^[0-9a-f]{20}$/.test(key))).toBe(true);
    expect(JSON.stringify(test.incidents.taken)).not.toContain('zzz');
  });

  it('open at most 100 incidents by one request: the worst first, and the rest is one incident more that says so', async () => {
    const test = createTestApp();
    const alerts = zones(130).map((zone, index) =>
      inZone(zone, 'firing', index >= 120 ? 'page' : index % 2 === 0 ? 'critical' : 'warning'),
    );
    const answer = await send(test, amPayload({ alerts }), GROUPED_KEY);
    expect(answer.statusCode).toBe(202);
    const { accepted, incidents } = answer.json<Accepted>();
    expect(accepted).toBe(130);
    expect(incidents).toHaveLength(INCIDENTS_PER_REQUEST + 1);
    // 10 of SEV0 and 60 of SEV1 have their own; of the 60 of SEV2 there is room for 30.
    const own = incidents.slice(0, -1).map(({ severity }) => severity);
    expect(own.filter((severity) => severity === 'SEV0')).toHaveLength(10);
    expect(own.filter((severity) => severity === 'SEV1')).toHaveLength(60);
    const together = incidents.at(-1);
    expect(together).toMatchObject({ severity: 'SEV2', firing: 30 });
    expect(together?.remarks.at(-1)).toBe(
      'One request of grouped fell into 130 groups: 100 of them have an incident each, the other 30 are together here. Group by fewer labels (groupBy of the integration).',
    );
    const { input, batch } = test.incidents.taken.find(({ input: { key } }) => key === together?.key) ?? {};
    expect(input?.title).toBe('30 more groups of alerts from grouped');
    expect(input?.plan.remarks).toEqual(together?.remarks);
    expect(batch?.alerts).toHaveLength(30);
    // Nothing is dropped, nothing goes twice.
    const all = test.incidents.taken.flatMap(({ batch: { alerts: taken } }) =>
      taken.map(({ fingerprint }) => fingerprint),
    );
    expect(all).toHaveLength(130);
    expect(new Set(all).size).toBe(130);
  });

  it('go the same ways when the same request comes again, in whatever order', async () => {
    const test = createTestApp();
    const alerts = zones(150).map((zone) => inZone(zone));
    const first = (await send(test, amPayload({ alerts }), GROUPED_KEY)).json<Accepted>();
    const again = (await send(test, amPayload({ alerts: alerts.reverse() }), GROUPED_KEY)).json<Accepted>();
    const keys = ({ incidents }: Accepted): string[] => incidents.map(({ key }) => key).sort();
    expect(keys(again)).toEqual(keys(first));
  });

  it('of 100 have an incident each, as many as they are that only resolve', async () => {
    const test = createTestApp();
    const alerts = [
      ...zones(100).map((zone) => inZone(zone)),
      ...zones(100).map((zone) => inZone(`old-${zone}`, 'resolved')),
    ];
    const answer = await send(test, amPayload({ alerts }), GROUPED_KEY);
    expect(answer.json<Accepted>().incidents).toHaveLength(200);
    expect(test.incidents.taken).toHaveLength(100);
  });

  it('tell the incident of the rest of everything that is over, in one signal', async () => {
    const test = createTestApp();
    const many = zones(101).map((zone) => inZone(zone));
    const { incidents } = (await send(test, amPayload({ alerts: many }), GROUPED_KEY)).json<Accepted>();
    const rest = incidents.at(-1)?.key;
    const over = zones(3).map((zone) => inZone(zone, 'resolved'));
    const answer = await send(test, amPayload({ alerts: over }), GROUPED_KEY);
    expect(answer.json<Accepted>().accepted).toBe(3);
    const toRest = test.incidents.resolvedBatches.filter(({ key }) => key === rest);
    expect(toRest.map(({ batch }) => batch.alerts.length)).toEqual([3]);
    expect(test.incidents.resolvedBatches).toHaveLength(4);
  });
});

describe('a sender that does not wait for its answer', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function listening() {
    const test = createTestApp();
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    cleanups.push(() => test.app.close());
    const { port } = test.app.server.address() as AddressInfo;
    return { test, port };
  }

  /** Writes a request and hangs up; `cut` leaves out the end of its body. */
  async function hangUp(port: number, alert: object, cut = 0): Promise<void> {
    const body = JSON.stringify(amPayload({ alerts: [alert] }));
    const socket = connect(port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const head = [
      `POST ${URL} HTTP/1.1`,
      'Host: tocsin',
      `Authorization: Bearer ${ALERTMANAGER_KEY}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    await new Promise((resolve) =>
      socket.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, body.length - cut)}`, resolve),
    );
    // The server has it all before the line is cut.
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await new Promise((resolve) => socket.once('close', resolve));
  }

  const named = (test: TestApp): string[] =>
    test.incidents.taken.flatMap(({ batch }) => batch.alerts.map(({ summary }) => summary));
  const called = (name: string) => amAlert({ fingerprint: name, annotations: { summary: name } });

  /** The first alert's signal is under way until it is released: whatever comes meanwhile waits for the next one. */
  async function withOneUnderWay(test: TestApp): Promise<() => void> {
    let release = (): void => undefined;
    const reached = new Promise<void>((entered) => {
      test.incidents.onIntake = () => {
        entered();
        test.incidents.onIntake = () => Promise.resolve();
        return new Promise((resolve) => (release = resolve));
      };
    });
    void send(test, amPayload({ alerts: [called('first')] }));
    await reached;
    return () => release();
  }

  it('loses nothing when it hangs up while its alerts wait for the next signal', async () => {
    const { test, port } = await listening();
    const release = await withOneUnderWay(test);
    await hangUp(port, called('second'));
    expect(named(test)).toEqual([]);
    release();
    await expect.poll(() => named(test)).toEqual(['first', 'second']);
  });

  it('loses nothing when the process is told to end in that moment; who still waits is answered', async () => {
    const { test, port } = await listening();
    const release = await withOneUnderWay(test);
    await hangUp(port, called('second'));
    const waiting = fetch(`http://127.0.0.1:${port}${URL}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ALERTMANAGER_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(amPayload({ alerts: [called('third')] })),
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const ended = test.app.close();
    expect(named(test)).toEqual([]);
    release();
    await ended;
    expect(named(test)).toEqual(['first', 'second', 'third']);
    expect((await waiting).status).toBe(202);
  });

  it('is waited for at the end even when Temporal takes its time and nobody is connected any more', async () => {
    const { test, port } = await listening();
    let release = (): void => undefined;
    test.incidents.onIntake = () => new Promise((resolve) => (release = resolve));
    await hangUp(port, called('slow'));
    let ended = false;
    const end = test.app.close().then(() => (ended = true));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(ended).toBe(false);
    release();
    await end;
    expect(named(test)).toEqual(['slow']);
  });

  it('and breaks off in the middle of its body opens nothing, not even a malformed-alert incident', async () => {
    const { test, port } = await listening();
    await hangUp(port, called('half'), 20);
    await hangUp(port, called('whole'));
    await expect.poll(() => named(test)).toEqual(['whole']);
    expect(test.incidents.taken).toHaveLength(1);
  });
});

describe('every sender is answered for its own alerts', () => {
  it('with 202 for what is durable and 503 for what was in the signal that failed', async () => {
    const test = createTestApp();
    expect((await send(test, amPayload())).statusCode).toBe(202);
    test.incidents.onIntake = () => {
      test.incidents.away = 'temporal';
      return Promise.resolve();
    };
    const both = await Promise.all([send(test, amPayload()), send(test, amPayload())]);
    expect(both.map(({ statusCode }) => statusCode)).toEqual([503, 503]);
    expect(both.map(({ headers }) => headers['retry-after'])).toEqual(['5', '5']);
    test.incidents.away = null;
    test.incidents.onIntake = () => Promise.resolve();
    expect((await send(test, amPayload())).statusCode).toBe(202);
    expect(test.incidents.taken).toHaveLength(2);
  });
});
