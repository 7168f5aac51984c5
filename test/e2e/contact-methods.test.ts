import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../store/open-store.js';
import type { Store } from '../../store/store.js';
import { runCommand } from '../support/command-line.js';
import { configOf, KEYS, PHONES, startSystem, type RunningSystem } from '../support/running-system.js';
import { startRealServer, type RealServer } from '../support/temporal.js';
import { entriesOf } from './support/stage.js';

/** A real Temporal Server, a real store, and the phone booth for everybody's phones. */
let directory: string;
let store: Store;
let server: RealServer;
let system: RunningSystem;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tocsin-contacts-'));
  store = openStore({
    databaseUrl: undefined,
    directory,
    log: { info: () => undefined, warn: () => undefined },
  });
  [server] = await Promise.all([startRealServer(), store.untilReady(60_000)]);
  const config = configOf({ ackTimeout: '30s' }).replace('contactMethods: trusted', 'contactMethods: verify');
  system = await startSystem({ server, store, config });
}, 120_000);
afterAll(async () => {
  await system.stop();
  await server.stop();
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

const tocsin = (...args: string[]) =>
  runCommand(args, { env: { TOCSIN_URL: system.url, TOCSIN_API_KEY: KEYS.api }, now: () => Date.now() });

describe('contact methods that nobody has confirmed', () => {
  it('are used, with the next tier at once; what was typed back by command line counts from the next page on', async () => {
    const mark = system.booth.mark();
    await system.alert('firing');
    expect(await system.booth.nextSms({ after: mark })).toMatchObject({ to: PHONES.alice });
    expect((await system.booth.nextCall({ after: mark })).request).toMatchObject({ to: PHONES.bob });
    const id = await system.oneOpen('checkout is down');
    const view = await system.view(id);
    // Nobody of the whole policy has confirmed anything: one tier comes forward, the last one in its time.
    expect(entriesOf(view, 'unproven').map(({ tier, with: beside, names }) => [tier, beside, names])).toEqual(
      [['primary', 'secondary', ['Alice']]],
    );
    expect(entriesOf(view, 'paged').map(({ name, reason }) => [name, reason])).toEqual([
      ['Alice', 'alert'],
      ['Bob', 'unproven'],
    ]);
    await system.request('POST', `/v1/incidents/${id}/resolve`, { body: { by: 'alice' } });
    await system.alert('resolved');

    const before = system.booth.mark();
    expect(await tocsin('contact', 'verify', 'alice', 'sms-1')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/sent +sms-1 +twilio-sms took it/) as string,
    });
    const { body } = await system.booth.nextSms({ after: before, about: 'code is' });
    const code = /code is (\d{6})\./.exec(body)?.[1] ?? '';
    const wrong = await tocsin(
      'contact',
      'confirm',
      'alice',
      'sms-1',
      code === '000000' ? '000001' : '000000',
    );
    expect(wrong).toMatchObject({
      code: 1,
      err: expect.stringContaining('4 more of the five tries') as string,
    });
    expect(await tocsin('contact', 'confirm', 'alice', 'sms-1', code)).toMatchObject({
      code: 0,
      out: 'Confirmed: sms-1 leads to alice.',
    });
    expect((await tocsin('contact', 'list', 'alice')).out).toMatch(/sms-1 +\+12•••••01 +verified/);

    const again = system.booth.mark();
    await system.alert('firing', { group: 'g2' });
    expect(await system.booth.nextSms({ after: again })).toMatchObject({ to: PHONES.alice });
    const next = await system.oneOpen('checkout is down');
    const second = await system.until(next, 'a page', (one) => entriesOf(one, 'sent').length > 0);
    expect(entriesOf(second, 'paged').map(({ name }) => name)).toEqual(['Alice']);
    expect(entriesOf(second, 'unproven')).toEqual([]);
    await system.request('POST', `/v1/incidents/${next}/ack`, { body: { by: 'alice' } });

    // No code is in any history.
    let looked = 0;
    for await (const run of system.client.workflow.list({ query: `WorkflowType="letter"` })) {
      const history = await system.client.workflow.getHandle(run.workflowId).fetchHistory();
      const payloads = (history.events ?? []).flatMap(
        (event) => event.workflowExecutionStartedEventAttributes?.input?.payloads ?? [],
      );
      const text = payloads.map(({ data }) => Buffer.from(data ?? []).toString()).join('\n');
      looked += 1;
      expect(text).toContain('{code}');
      expect(text).not.toContain(code);
      expect(text).not.toContain(PHONES.alice);
    }
    expect(looked).toBe(1);
  });

  it('are told their code by a call, digit by digit', async () => {
    const mark = system.booth.mark();
    const verifying = tocsin('contact', 'verify', 'bob', 'voice-1');
    const call = await system.booth.nextCall({ after: mark });
    const said = (await call.answer()).join(' ');
    const digits = /code is (\d(?:, \d){5})\./.exec(said)?.[1] ?? '';
    expect(await verifying).toMatchObject({ code: 0 });
    const { code } = await tocsin('contact', 'confirm', 'bob', 'voice-1', digits.replaceAll(', ', ' '));
    expect(code).toBe(0);
    expect((await tocsin('contact', 'list', 'bob')).out).toMatch(/sms-1.*verified/);
    expect(await tocsin('contact', 'forget', 'bob', 'sms-1')).toMatchObject({ code: 0 });
    expect((await tocsin('contact', 'list', 'bob')).out).toMatch(/voice-1.*unverified/);
  });

  it('take test pages that are marked in every channel', async () => {
    const mark = system.booth.mark();
    const tested = tocsin('contact', 'test', 'carol', '--by', 'alice');
    const [sms, call, mail] = await Promise.all([
      system.booth.nextSms({ after: mark }),
      system.booth.nextCall({ after: mark }),
      system.booth.nextMail({ after: mark }),
    ]);
    expect(sms).toMatchObject({
      to: PHONES.carol,
      body: expect.stringMatching(/^\[TEST\] .*asked for by Alice/) as string,
    });
    expect((await call.answer()).join(' ')).toMatch(/^This is a test\./);
    expect(mail.subject).toBe('[TEST] Test page from Tocsin');
    const { code, out } = await tested;
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.split(/ +/).slice(0, 2).join(' '))).toEqual([
      'sent sms-1',
      'sent voice-1',
      'sent email-1',
    ]);
  });
});
