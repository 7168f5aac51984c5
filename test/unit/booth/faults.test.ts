import { describe, expect, it } from 'vitest';
import type { Booth } from '../../../booth/create-booth.js';
import { alice, bob, ours, startBooth, startProduct, statusesUntil, twilioFor } from './support.js';

const send = (booth: Booth, to = alice, more: object = {}): Promise<{ sid: string }> =>
  twilioFor(booth, { timeoutMs: 150 }).messages.create({ to, from: ours, body: 'page', ...more });

describe('the provider on a bad day', () => {
  it('answers 503 the number of times it was told, and then as ever', async () => {
    const booth = await startBooth();
    booth.misbehave({ kind: 'http-error', status: 503, channel: 'sms', times: 2 });
    await expect(send(booth)).rejects.toMatchObject({ status: 503 });
    await expect(send(booth, bob)).rejects.toMatchObject({ status: 503 });
    await expect(send(booth)).resolves.toBeDefined();
    expect(booth.attempts.map((attempt) => attempt.outcome)).toEqual(['refused', 'refused', 'accepted']);
    expect(booth.messages).toHaveLength(1);
  });

  it('limits the rate with 429, 20429 and Retry-After', async () => {
    const booth = await startBooth();
    booth.misbehave({ kind: 'rate-limited', retryAfterSeconds: 7, channel: 'any' });
    const response = await fetch(`${booth.httpUrl}/2010-04-01/Accounts/${booth.accountSid}/Calls.json`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${booth.accountSid}:${booth.authToken}`)}` },
      body: new URLSearchParams({ To: alice }),
    });
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(await response.json()).toMatchObject({ code: 20429, status: 429 });
  });

  it.each([
    [true, 1],
    [false, 0],
  ])('never answers; accept %s leaves %i messages sent', async (accept, count) => {
    const booth = await startBooth();
    booth.misbehave({ kind: 'never-answer', accept, channel: 'sms' });
    await expect(send(booth)).rejects.toMatchObject({ code: 'ECONNABORTED' });
    expect(booth.messages).toHaveLength(count);
    expect(booth.attempts).toMatchObject([{ outcome: 'hung', to: alice }]);
  });

  it.each([
    [21610, 400],
    [21211, 400],
    [20003, 401],
    [21609, 400],
  ])('refuses with %i and HTTP %i', async (code, status) => {
    const booth = await startBooth();
    booth.misbehave({ kind: 'error-code', code, channel: 'sms' });
    await expect(send(booth)).rejects.toMatchObject({ code, status });
  });

  it('reports a message as undelivered later, with its code, for one number only', async () => {
    const product = await startProduct('');
    const booth = await startBooth();
    const end = booth.misbehave({
      kind: 'fails-later',
      code: 30003,
      channel: 'sms',
      to: alice,
      times: 'always',
    });
    await send(booth, bob, { statusCallback: `${product.url}/bob` });
    const { sid } = await send(booth, alice, { statusCallback: `${product.url}/alice` });
    expect(await statusesUntil(booth, product, '/bob', 'delivered')).not.toContain('undelivered');
    expect(await statusesUntil(booth, product, '/alice', 'undelivered')).toEqual([
      'queued',
      'sent',
      'undelivered',
    ]);
    expect(product.at('/alice').at(-1)?.params['ErrorCode']).toBe('30003');
    expect(await twilioFor(booth).messages(sid).fetch()).toMatchObject({
      errorCode: 30003,
      errorMessage: 'Unreachable destination handset',
    });
    end();
    await send(booth, alice, { statusCallback: `${product.url}/again` });
    expect(await statusesUntil(booth, product, '/again', 'delivered')).toHaveLength(3);
  });

  it('keeps a message in the queue until its validity ends, then fails it with 30036', async () => {
    const product = await startProduct('');
    const booth = await startBooth({ speed: 1000 });
    booth.misbehave({ kind: 'stuck', channel: 'sms' });
    await send(booth, alice, { statusCallback: product.url, validityPeriod: 30 });
    expect(await statusesUntil(booth, product, '/', 'failed')).toEqual(['queued', 'failed']);
    expect(product.received.at(-1)?.params['ErrorCode']).toBe('30036');
  });

  it('drops callbacks, and doubles them', async () => {
    const product = await startProduct('');
    const booth = await startBooth();
    booth.misbehave({ kind: 'drop-callbacks', channel: 'sms' });
    await send(booth, alice, { statusCallback: `${product.url}/none` });
    await booth.until('delivery', () => booth.messages[0]?.status === 'delivered');
    booth.misbehave({ kind: 'duplicate-callbacks', channel: 'sms' });
    await send(booth, alice, { statusCallback: `${product.url}/twice` });
    await booth.until('the second report', () => product.at('/twice').length === 6);
    expect(product.at('/twice').map(({ params }) => params['MessageStatus'])).toEqual([
      'queued',
      'queued',
      'sent',
      'sent',
      'delivered',
      'delivered',
    ]);
    expect(product.at('/none')).toEqual([]);
  });

  it('answers late when told', async () => {
    const booth = await startBooth();
    booth.misbehave({ kind: 'delay', delayMs: 60, channel: 'sms' });
    const begun = performance.now();
    await send(booth);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(59);
  });

  it('lets voicemail or a busy line take the call by itself', async () => {
    const product = await startProduct('', () => ({ body: '<Response><Say>Hello.</Say></Response>' }));
    const booth = await startBooth();
    booth.misbehave({ kind: 'call-outcome', outcome: 'busy', channel: 'call' });
    booth.misbehave({ kind: 'call-outcome', outcome: 'machine', channel: 'call', to: bob });
    const calls = twilioFor(booth).calls;
    await calls.create({ to: alice, from: ours, url: product.url });
    expect((await booth.nextCall({ to: alice })).status).toBe('busy');
    await calls.create({ to: bob, from: ours, url: product.url, machineDetection: 'Enable' });
    const taken = await booth.nextCall({ to: bob });
    await booth.until('the end of the call', () => taken.status === 'completed');
    expect(taken.answeredBy).toBe('machine');
  });

  it('goes away and comes back on the same ports with what it knew', async () => {
    const booth = await startBooth();
    await send(booth);
    const before = [booth.httpUrl, booth.smtpUrl];
    await booth.stop();
    await expect(send(booth)).rejects.toMatchObject({ code: expect.stringMatching(/^ECONN/) as string });
    await booth.start();
    expect([booth.httpUrl, booth.smtpUrl]).toEqual(before);
    expect(await twilioFor(booth).messages.list({ to: alice })).toHaveLength(1);
  });
});
