import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPagerDutyClient, type PagerDutyClient } from '../support/pagerduty-client.js';
import { startTlsFront, type TlsFront } from '../support/tls-front.js';
import { summaryOf } from './support/incidents-of-the-tests.js';
import { createTestApp, type TestApp } from './support/test-app.js';
import { PAGERDUTY_KEY } from './support/test-config.js';

describe("PagerDuty's own client library, pointed at Tocsin", () => {
  let test: TestApp;
  let front: TlsFront;
  let client: PagerDutyClient;

  beforeEach(async () => {
    test = createTestApp();
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    front = await startTlsFront((test.app.server.address() as AddressInfo).port);
    client = createPagerDutyClient({ front, routingKey: PAGERDUTY_KEY });
  });
  afterEach(async () => {
    await front.stop();
    await test.app.close();
  });

  it('triggers, acknowledges and resolves by the dedup key that it was given', async () => {
    const triggered = await client.trigger('Checkout is down');
    expect(triggered).toMatchObject({ status: 202, data: { status: 'success', message: 'Event processed' } });
    const dedupKey = triggered.data.dedup_key ?? '';
    const [taken] = test.incidents.taken;
    expect(taken?.input.title).toBe('Checkout is down');
    test.incidents.incidents = [summaryOf({ openingId: `${taken?.input.key ?? ''}-00c0ffee` })];
    expect(await client.acknowledge(dedupKey)).toMatchObject({ status: 202, data: { dedup_key: dedupKey } });
    expect(test.incidents.acted).toMatchObject([{ action: 'acknowledge' }]);
    expect((await client.resolve(dedupKey)).status).toBe(202);
    expect(test.incidents.resolvedBatches[0]?.key).toBe(taken?.input.key);
  });

  it('brings its alert in by itself once Temporal is back', async () => {
    let tries = 0;
    test.incidents.onIntake = () => {
      tries += 1;
      test.incidents.away = tries < 3 ? 'temporal' : null;
      return Promise.resolve();
    };
    expect((await client.trigger('Checkout is down')).status).toBe(202);
    expect(tries).toBe(3);
    expect(test.incidents.taken).toHaveLength(1);
  });

  it('reads what was wrong', async () => {
    const stranger = createPagerDutyClient({ front, routingKey: 'f'.repeat(32) });
    const refused = await stranger.trigger('Checkout is down');
    expect(refused).toMatchObject({
      status: 400,
      data: { status: 'invalid event', errors: ['Invalid routing key'] },
    });
    const empty = await client.trigger('');
    expect(empty.status).toBe(400);
    expect(empty.data.errors?.join()).toContain("'payload.summary'");
  });

  it('is told that change events are not taken', async () => {
    const answer = await client.change('Deployed 4711');
    expect(answer).toMatchObject({ status: 404, data: { message: 'Tocsin takes no change events yet' } });
  });
});
