import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { MARK_WITHIN_MS } from '../../activities/bundling/quick-marks.js';
import type { DeliverInput } from '../../activities/contracts.js';
import { createPacer } from '../../activities/pacing/pacer.js';
import type { DeliveryReport } from '../../domain/incident/event.js';
import { smsLength, TWO_SEGMENTS } from '../../domain/messages/gsm7.js';
import type { Store } from '../../store/store.js';
import {
  codeOfNth,
  GATHER_MS,
  openingOf,
  pageOf,
  sendingProcess,
  startBooth,
  textsIn,
  TOKENS,
} from './support/bundled-pages.js';
import {
  embeddedOfFile,
  freshDatabase,
  opened,
  postgresOfFile,
  until,
  type Place,
} from './support/stores.js';

const postgres = postgresOfFile();
const embedded = embeddedOfFile();
const PLACES: readonly (readonly [string, () => Promise<Place>])[] = [
  ['PGlite', embedded],
  ['PostgreSQL', () => freshDatabase(postgres())],
];

/** Below what a call of the store may take: whoever waited for it would be later. */
const HANGS_MS = 1_500;

function sentIn(report: DeliveryReport | undefined): Extract<DeliveryReport, { status: 'sent' }> {
  if (report?.status !== 'sent') throw new Error(`Expected it to be sent, got ${JSON.stringify(report)}.`);
  return report;
}

async function timed<T>(work: Promise<T>): Promise<readonly [T, number]> {
  const began = performance.now();
  return [await work, performance.now() - began];
}

/** Whether it waited for others, however long that took: it stands in a bundle then, if only by itself. */
async function waited(store: Store, { idempotencyKey }: DeliverInput): Promise<boolean> {
  return (await store.bundles.bundleOf(idempotencyKey, { limitMs: 20_000 })) !== null;
}

/** Sees to it that a page has just left, so that the next ones gather. */
async function afterOne(store: Store) {
  const booth = await startBooth();
  const process = sendingProcess(booth, store);
  sentIn(await process.deliver(pageOf(0)));
  return { booth, process };
}

describe.each(PLACES)('pages to one person on %s', (_name, place) => {
  it('the first goes at once, and what comes within seconds is one list with the codes and one id', async () => {
    const store = await opened(await place());
    const booth = await startBooth();
    // PGlite on a busy machine needs more than half a second for three statements.
    const { deliver, counted } = sendingProcess(booth, store, { limits: '{ bundling: 5s }' });
    expect(sentIn(await deliver(pageOf(0)))).not.toHaveProperty('bundle');
    expect(await waited(store, pageOf(0))).toBe(false);
    const reports = await Promise.all([1, 2, 3].map((n) => deliver(pageOf(n))));
    const [one, list, ...more] = textsIn(booth);
    expect(more).toEqual([]);
    expect(one).toContain(`ACK ${codeOfNth(0)}`);
    expect(list).toMatch(/^3 incidents: .*Reply ACK to take all 3, ACK \w{4} for one/);
    for (const n of [1, 2, 3]) expect(list).toContain(`${codeOfNth(n)} Incident number ${n}`);
    const { providerId, bundle } = sentIn(reports[0]);
    expect(providerId).toBe(booth.messages[1]?.sid);
    for (const [index, report] of reports.entries())
      expect(report).toEqual({
        deliveryId: `d${index + 1}`,
        provider: 'twilio-sms',
        providerId,
        status: 'sent',
        bundle,
      });
    expect(bundle?.incidents).toBe(3);
    expect(counted).toEqual([3]);
    const status = new URL(booth.messages[1]?.statusCallback ?? '');
    const verified = TOKENS.verify(status.searchParams.get('t') ?? '', Date.now());
    const claims = verified.ok ? verified.claims : null;
    expect([{ o: claims?.o, d: claims?.d }, ...(claims?.m ?? [])]).toEqual(
      expect.arrayContaining([1, 2, 3].map((n) => ({ o: openingOf(n), d: `d${n}` }))),
    );
  });
});

describe('pages to one person', () => {
  const place = (): Promise<Place> => freshDatabase(postgres());

  it('the second alone is a page like any other, a little later', async () => {
    const store = await opened(await place());
    const { booth, process } = await afterOne(store);
    const [report, tookMs] = await timed(process.deliver(pageOf(1)));
    expect(sentIn(report)).not.toHaveProperty('bundle');
    expect(await waited(store, pageOf(1))).toBe(true);
    expect(tookMs).toBeGreaterThan(GATHER_MS - 50);
    expect(textsIn(booth)[1]).toContain(`ACK ${codeOfNth(1)}`);
    expect(process.counted).toEqual([]);
  });

  it('what comes later than that goes at once again, as do notices, other people and other ways', async () => {
    const store = await opened(await place());
    const { booth, process } = await afterOne(store);
    const others = [
      pageOf(1, 'sms', { kind: 'notice', parts: [{ type: 'resolved' }] }),
      pageOf(2, 'voice'),
      { ...pageOf(3), userId: 'bob' },
    ];
    await Promise.all(others.map(async (input) => sentIn(await process.deliver(input))));
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    sentIn(await process.deliver(pageOf(4)));
    for (const input of [...others, pageOf(4)]) expect(await waited(store, input)).toBe(false);
    expect(booth.messages).toHaveLength(4);
  });

  it('with bundling off each goes on its own, at once', async () => {
    const store = await opened(await place());
    const booth = await startBooth();
    const { deliver } = sendingProcess(booth, store, { limits: '{ bundling: off }' });
    await Promise.all([1, 2, 3].map((n) => deliver(pageOf(n))));
    expect(textsIn(booth)).toHaveLength(3);
  });

  it('more than ten at once become lists of ten, and nobody is left out', async () => {
    const { booth, process } = await afterOne(await opened(await place()));
    const numbers = Array.from({ length: 13 }, (_none, index) => index + 1);
    const reports = await Promise.all(numbers.map((n) => process.deliver(pageOf(n))));
    const lists = textsIn(booth).slice(1);
    expect([...process.counted].sort((one, other) => one - other)).toEqual([3, 10]);
    for (const list of lists) expect(smsLength(list)).toBeLessThanOrEqual(TWO_SEGMENTS);
    for (const n of numbers) expect(lists.filter((list) => list.includes(codeOfNth(n)))).toHaveLength(1);
    for (const report of reports) sentIn(report);
  });

  it('one that is answered meanwhile is not in the list; with all of them answered nothing is sent', async () => {
    const { booth, process } = await afterOne(await opened(await place()));
    const answered = new MockActivityEnvironment({ attempt: 1 });
    const all = [
      process.deliver(pageOf(1)),
      process.deliver(pageOf(2), answered),
      process.deliver(pageOf(3)),
    ] as const;
    setTimeout(() => answered.cancel('CANCELLED'), 200);
    const [one, cancelled, three] = await Promise.all(all);
    expect(cancelled).toEqual({ deliveryId: 'd2', provider: 'none', status: 'cancelled' });
    expect([sentIn(one).bundle?.incidents, sentIn(three).bundle?.incidents]).toEqual([2, 2]);
    expect(textsIn(booth)[1]).toMatch(/^2 incidents: /);
    expect(textsIn(booth)[1]).not.toContain(codeOfNth(2));
    const runs = [4, 5].map((n) => {
      const run = new MockActivityEnvironment({ attempt: 1 });
      setTimeout(() => run.cancel('CANCELLED'), 200);
      return process.deliver(pageOf(n), run);
    });
    expect((await Promise.all(runs)).map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    expect(textsIn(booth)).toHaveLength(2);
  });

  it('a worker that goes down takes its page out, and whoever runs it again sends it at once', async () => {
    const store = await opened(await place());
    const { booth, process } = await afterOne(store);
    const stopping = new MockActivityEnvironment({ attempt: 1 });
    setTimeout(() => stopping.cancel('WORKER_SHUTDOWN'), 100);
    const [stopped, other] = await Promise.allSettled([
      process.deliver(pageOf(1), stopping),
      process.deliver(pageOf(2)),
    ]);
    expect(stopped.status).toBe('rejected');
    expect(other).toMatchObject({ status: 'fulfilled', value: { status: 'sent' } });
    expect(await waited(store, pageOf(1))).toBe(false);
    sentIn(await process.deliver(pageOf(1), new MockActivityEnvironment({ attempt: 2 })));
    expect(textsIn(booth).filter((text) => text.includes(codeOfNth(1)))).toHaveLength(1);
  });

  it('a member whose worker died hears that others have sent it', async () => {
    const { booth, process } = await afterOne(await opened(await place()));
    const reports = await Promise.all([1, 2].map((n) => process.deliver(pageOf(n))));
    const again = await process.deliver(pageOf(2), new MockActivityEnvironment({ attempt: 2 }));
    expect(again).toEqual(reports[1]);
    expect(textsIn(booth)).toHaveLength(2);
  });

  it('when the sender dies another member sends all of them, and says that it may be the second time', async () => {
    const store = await opened(await place());
    const { booth, process } = await afterOne(store);
    const { bundles } = store;
    const marked = await bundles.mark({
      ...{ userId: 'alice', methodId: 'sms-1', channel: 'sms' },
      ...{ withinMs: 1_000, gatherMs: 300, newId: 'b-test' },
    });
    expect(marked).toMatchObject({ kind: 'bundle', id: 'b-test' });
    const { message, deliveryId, idempotencyKey: key } = pageOf(9);
    const { openingId, code, title, service, severity, validForMs } = message;
    const dead = { key, openingId, deliveryId, page: { code, title, service, severity, validForMs } };
    expect(await bundles.join('b-test', dead)).toBe(true);
    const living = [1, 2].map((n) => process.deliver(pageOf(n)));
    // It closes the bundle once both are in, and is never heard of again.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await bundles.take('b-test', key, 500)).toMatchObject({ kind: 'sender', takes: 1 });
    const reports = await Promise.all(living);
    for (const report of reports)
      expect(report).toMatchObject({ status: 'sent', possibleDuplicate: true, bundle: { incidents: 3 } });
    const [, list, ...more] = textsIn(booth);
    expect(more).toEqual([]);
    for (const n of [1, 2, 9]) expect(list).toContain(codeOfNth(n));
  });

  it('with the store closed while they wait each goes on its own, and says that it may be the second time', async () => {
    const store = await opened(await place());
    const { booth, process } = await afterOne(store);
    const waiting = [1, 2].map((n) => process.deliver(pageOf(n)));
    setTimeout(() => void store.close(), 200);
    for (const report of await Promise.all(waiting))
      expect(report).toMatchObject({ status: 'sent', possibleDuplicate: true });
    expect(textsIn(booth)).toHaveLength(3);
    expect(sentIn(await process.deliver(pageOf(3)))).not.toHaveProperty('possibleDuplicate');
  });

  it('a list that the provider refuses has failed for each of its incidents', async () => {
    const { booth, process } = await afterOne(await opened(await place()));
    booth.misbehave({ kind: 'error-code', code: 21_610, channel: 'sms', times: 'always' });
    const reports = await Promise.all([1, 2].map((n) => process.deliver(pageOf(n))));
    expect(reports).toMatchObject(
      [1, 2].map((n) => ({ deliveryId: `d${n}`, status: 'failed', reason: 'opted-out', retryable: false })),
    );
    expect(booth.attempts).toHaveLength(2);
  });

  it('a call about several is taken back when the last of them is answered, not before', async () => {
    const store = await opened(await place());
    const booth = await startBooth();
    const process = sendingProcess(booth, store);
    await process.deliver(pageOf(0, 'voice'));
    const reports = await Promise.all([1, 2].map((n) => process.deliver(pageOf(n, 'voice'))));
    const call = booth.calls[1];
    expect(booth.calls).toHaveLength(2);
    const takeBack = async (n: number): Promise<void> => {
      const { providerId = '', provider, bundle } = sentIn(reports[n - 1]);
      await process.withdraw({
        ...{ deliveryId: `d${n}`, channel: 'voice', provider, providerId },
        bundle: { id: bundle?.id ?? '', openingId: openingOf(n) },
      });
    };
    await takeBack(1);
    await takeBack(1);
    expect(call?.status).not.toBe('canceled');
    await takeBack(2);
    expect(call?.status).toBe('canceled');
  });

  it('knows which incidents the last text message to a person was about, as long as it is worth answering', async () => {
    const store = await opened(await place());
    const { process } = await afterOne(store);
    const last = () => store.bundles.lastOf('alice', 'sms', Date.now());
    expect(await last()).toBeNull();
    await Promise.all([1, 2].map((n) => process.deliver(pageOf(n))));
    const found = await last();
    expect([...(found?.openingIds ?? [])].sort()).toEqual([openingOf(1), openingOf(2)]);
    expect(await store.bundles.lastOf('bob', 'sms', Date.now())).toBeNull();
    expect(await store.bundles.lastOf('alice', 'email', Date.now())).toBeNull();
    expect(await store.bundles.lastOf('alice', 'sms', Date.now() + 3_600_000)).toBeNull();
    // While the next ones gather, the person has read the one before.
    const next = [3, 4].map((n) => process.deliver(pageOf(n)));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await last())?.id).toBe(found?.id);
    await Promise.all(next);
    expect([...((await last())?.openingIds ?? [])].sort()).toEqual([openingOf(3), openingOf(4)]);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    await process.deliver(pageOf(5));
    expect(await last()).toBeNull();
  });

  it('forgets what is old, and nothing else', async () => {
    const store = await opened(await place());
    const { process } = await afterOne(store);
    await Promise.all([1, 2].map((n) => process.deliver(pageOf(n))));
    await store.bundles.forget(Date.now() - 3_600_000);
    expect(await store.bundles.lastOf('alice', 'sms', Date.now())).not.toBeNull();
    await store.bundles.forget(Date.now() + 3_600_000);
    expect(await store.bundles.lastOf('alice', 'sms', Date.now())).toBeNull();
    expect(await store.bundles.bundleOf(pageOf(1).idempotencyKey)).toBeNull();
  });
});

describe('a list that waits for its number', () => {
  const NOW = new MockActivityEnvironment({ attempt: 1 });
  const runs = (count: number) =>
    Array.from({ length: count }, () => new MockActivityEnvironment({ attempt: 1 }));

  /** Pages 1 to n gather, and their list waits for the number, which the page before has taken. */
  async function inTheLane(segmentsPerSecond: string, count: number) {
    const store = await opened(await freshDatabase(postgres()));
    const booth = await startBooth();
    const pacer = createPacer();
    const process = sendingProcess(booth, store, { pacer, segmentsPerSecond });
    sentIn(await process.deliver(pageOf(0), NOW));
    const environments = runs(count);
    const reports = environments.map((run, index) => process.deliver(pageOf(index + 1), run));
    // Who is not waited for yet must not be an unhandled rejection.
    for (const report of reports) report.catch(() => undefined);
    await until(() => pacer.waiting().get('twilio-sms') === 1);
    return { store, booth, pacer, environments, reports };
  }

  it('with all of it answered meanwhile is not sent, and nobody waits on', async () => {
    const { booth, pacer, environments, reports } = await inTheLane('0.05', 3);
    for (const run of environments) run.cancel('CANCELLED');
    const [all, tookMs] = await timed(Promise.all(reports));
    expect(all.map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(tookMs).toBeLessThan(10_000);
    expect(pacer.waiting().get('twilio-sms')).toBe(0);
    expect(textsIn(booth)).toHaveLength(1);
  });

  it.each([1, 2, 3])('with page %i of three answered meanwhile is of the other two', async (answered) => {
    const { store, booth, environments, reports } = await inTheLane('0.7', 3);
    environments[answered - 1]?.cancel('CANCELLED');
    const all = await Promise.all(reports);
    const others = [1, 2, 3].filter((n) => n !== answered);
    expect(all[answered - 1]?.status).toBe('cancelled');
    for (const n of others) expect(sentIn(all[n - 1]).bundle?.incidents).toBe(2);
    const [, list, ...more] = textsIn(booth);
    expect(more).toEqual([]);
    expect(list).toMatch(/^2 incidents: /);
    expect(list).not.toContain(codeOfNth(answered));
    for (const n of others) expect(list).toContain(codeOfNth(n));
    const last = await store.bundles.lastOf('alice', 'sms', Date.now());
    expect([...(last?.openingIds ?? [])].sort()).toEqual(others.map(openingOf));
  });

  it('is left by a worker that stops, and leaves by another one at once, as sent once', async () => {
    const { store, booth, environments, reports } = await inTheLane('0.05', 2);
    for (const run of environments) run.cancel('WORKER_SHUTDOWN');
    const [stopped, tookMs] = await timed(Promise.allSettled(reports));
    expect(stopped.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(tookMs).toBeLessThan(10_000);
    expect(textsIn(booth)).toHaveLength(1);
    const other = sendingProcess(booth, store);
    const again = await Promise.all(
      [1, 2].map((n) => other.deliver(pageOf(n), new MockActivityEnvironment({ attempt: 2 }))),
    );
    for (const report of again) {
      expect(sentIn(report).bundle?.incidents).toBe(2);
      expect(report).not.toHaveProperty('possibleDuplicate');
    }
    expect(textsIn(booth)).toHaveLength(2);
  });
});

describe('pages of the only process of a store', () => {
  it('the first goes without asking, and what comes within seconds is one list', async () => {
    const store = await opened(await embedded());
    const booth = await startBooth();
    const { deliver } = sendingProcess(booth, store, { limits: '{ bundling: 5s }', isStoreShared: false });
    expect(sentIn(await deliver(pageOf(0)))).not.toHaveProperty('bundle');
    const reports = await Promise.all([1, 2].map((n) => deliver(pageOf(n))));
    for (const report of reports) expect(sentIn(report).bundle?.incidents).toBe(2);
    expect(textsIn(booth)).toHaveLength(2);
  });
});

describe('pages of two processes on one PostgreSQL', () => {
  it('five at one moment: one goes at once, and one list has the others', async () => {
    const place = await freshDatabase(postgres());
    const [one, other] = [await opened(place), await opened(place)];
    const booth = await startBooth();
    const processes = [sendingProcess(booth, one), sendingProcess(booth, other)] as const;
    const reports = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => processes[n % 2 === 0 ? 0 : 1].deliver(pageOf(n))),
    );
    expect(textsIn(booth)).toHaveLength(2);
    expect(textsIn(booth)[1]).toMatch(/^4 incidents: /);
    expect(reports.filter((report) => sentIn(report).bundle === undefined)).toHaveLength(1);
    expect(new Set(reports.map((report) => sentIn(report).providerId)).size).toBe(2);
  });

  it('a database that hangs costs one page a moment, and then none; once it answers they gather again', async () => {
    const store = await opened(await freshDatabase(postgres()));
    const booth = await startBooth();
    const { deliver } = sendingProcess(booth, store, { markWithinMs: MARK_WITHIN_MS });
    await deliver(pageOf(0));
    const thaw = await postgres().freeze();
    try {
      const [, firstMs] = await timed(deliver(pageOf(1)));
      expect(firstMs).toBeLessThan(HANGS_MS);
      const [, nextMs] = await timed(deliver(pageOf(2)));
      expect(nextMs).toBeLessThan(HANGS_MS);
    } finally {
      thaw();
    }
    await until(() => store.state().status === 'ready');
    let gathered = false;
    for (let n = 10; n < 40 && !gathered; n += 2) {
      const reports = await Promise.all([n, n + 1].map((each) => deliver(pageOf(each))));
      gathered = reports.some((report) => sentIn(report).bundle !== undefined);
    }
    expect(gathered).toBe(true);
  });
});
