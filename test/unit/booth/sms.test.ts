import { describe, expect, it } from 'vitest';
import { alice, bob, ours, startBooth, startProduct, statusesUntil, twilioFor } from './support.js';

const token = 'f00d'.repeat(8);

describe('a message', () => {
  it('goes from queued to delivered, with callbacks in order that the twilio library finds signed', async () => {
    const product = await startProduct(token);
    const booth = await startBooth({ authToken: token });
    const created = await twilioFor(booth).messages.create({
      to: alice,
      from: ours,
      body: 'Database is down – 7KQ2',
      statusCallback: `${product.url}/status?page=p%201`,
      validityPeriod: 300,
    });
    expect(created).toMatchObject({ status: 'queued', to: alice, from: ours, direction: 'outbound-api' });
    expect(await statusesUntil(booth, product, '/status', 'delivered')).toEqual([
      'queued',
      'sent',
      'delivered',
    ]);
    expect(product.received.every((request) => request.signatureValid)).toBe(true);
    expect(product.received[2]?.params).toMatchObject({ MessageSid: created.sid, To: alice, From: ours });
    expect(await booth.nextSms({ to: alice })).toMatchObject({
      sid: created.sid,
      validityPeriodSeconds: 300,
    });

    const fetched = await twilioFor(booth).messages(created.sid).fetch();
    expect(fetched).toMatchObject({ status: 'delivered', body: 'Database is down – 7KQ2', errorCode: null });
    expect(fetched.dateSent).toBeInstanceOf(Date);
  });

  it('is signed with the auth token of the account and with no other', async () => {
    const product = await startProduct('another token');
    const booth = await startBooth({ authToken: token });
    await twilioFor(booth).messages.create({ to: alice, from: ours, body: 'x', statusCallback: product.url });
    await statusesUntil(booth, product, '/', 'delivered');
    expect(product.received.some((request) => request.signatureValid)).toBe(false);
  });

  it.each([
    [21211, { to: '12', from: ours, body: 'x' }],
    [21603, { to: alice, body: 'x' }],
    [21602, { to: alice, from: ours, body: '' }],
    [21606, { to: alice, from: bob, body: 'x' }],
    [21609, { to: alice, from: ours, body: 'x', statusCallback: 'not a url' }],
    [21617, { to: alice, from: ours, body: 'x'.repeat(1601) }],
  ])('is refused with %i as Twilio does', async (code, message) => {
    const booth = await startBooth({ from: [ours] });
    await expect(twilioFor(booth).messages.create(message)).rejects.toMatchObject({ status: 400, code });
    expect(booth.messages).toEqual([]);
    expect(booth.attempts).toMatchObject([{ outcome: 'refused', code }]);
  });

  it('is refused with 20003 under a wrong token', async () => {
    const booth = await startBooth();
    const client = twilioFor(booth, { authToken: 'wrong' });
    await expect(client.messages.create({ to: alice, from: ours, body: 'x' })).rejects.toMatchObject({
      status: 401,
      code: 20003,
      moreInfo: 'https://www.twilio.com/docs/errors/20003',
    });
    await expect(twilioFor(booth).api.v2010.accounts(booth.accountSid).fetch()).resolves.toMatchObject({
      sid: booth.accountSid,
      status: 'active',
    });
  });

  it('is counted in segments as it would be billed', async () => {
    const booth = await startBooth();
    const segments = async (body: string): Promise<string> =>
      (await twilioFor(booth).messages.create({ to: alice, from: ours, body })).numSegments;
    expect(await segments('a'.repeat(160))).toBe('1');
    expect(await segments('a'.repeat(161))).toBe('2');
    expect(await segments('€'.repeat(81))).toBe('2');
    expect(await segments('ł'.repeat(71))).toBe('2');
  });
});

describe('the list of messages', () => {
  it('is filtered by number and time, newest first, and read page by page', async () => {
    const booth = await startBooth();
    const client = twilioFor(booth);
    for (const body of ['one', 'two', 'three']) await client.messages.create({ to: alice, from: ours, body });
    await client.messages.create({ to: bob, from: ours, body: 'other' });
    await booth.send(alice, 'ack', ours);

    const bodies = async (params: Parameters<typeof client.messages.list>[0]): Promise<string[]> =>
      (await client.messages.list(params)).map((message) => message.body);
    expect(await bodies({ to: alice })).toEqual(['three', 'two', 'one']);
    expect(await bodies({ to: alice, pageSize: 1 })).toEqual(['three', 'two', 'one']);
    expect(await bodies({ to: ours, dateSentAfter: new Date(Date.now() - 60_000) })).toEqual(['ack']);
    expect(await bodies({ to: ours, dateSentAfter: new Date(Date.now() + 60_000) })).toEqual([]);
  });
});

describe('a reply', () => {
  it('reaches the webhook signed, and the TwiML answer comes back as a message', async () => {
    const product = await startProduct(token, ({ params }) => ({
      body: `<?xml version="1.0"?><Response><Message>You have it: ${params['Body'] ?? ''} &amp; more</Message></Response>`,
    }));
    const booth = await startBooth({ authToken: token, inboundUrl: `${product.url}/sms` });
    await twilioFor(booth).messages.create({ to: alice, from: ours, body: 'page' });
    await booth.nextSms();

    expect(await booth.reply(alice, 'ACK')).toBe('You have it: ACK & more');
    expect(product.received).toMatchObject([
      { signatureValid: true, params: { From: alice, To: ours, Body: 'ACK', SmsStatus: 'received' } },
    ]);
    expect(await booth.nextSms({ to: alice })).toMatchObject({
      direction: 'outbound-reply',
      from: ours,
      body: 'You have it: ACK & more',
    });
  });

  it('that nobody takes is an error, and stays in the log for later', async () => {
    const product = await startProduct(token, () => ({ status: 503 }));
    const booth = await startBooth({ inboundUrl: `${product.url}/sms` });
    await expect(booth.reply(alice, 'ACK')).rejects.toThrow(/503/);
    expect(booth.messages).toMatchObject([{ direction: 'inbound', body: 'ACK' }]);
  });

  it('goes to the fallback URL when the first one fails', async () => {
    const product = await startProduct(token, ({ path }) =>
      path === '/first' ? { status: 500 } : { type: 'text/plain', body: 'noted' },
    );
    const booth = await startBooth({
      inboundUrl: `${product.url}/first`,
      inboundFallbackUrl: `${product.url}/second`,
    });
    expect(await booth.reply(alice, 'ACK')).toBe('noted');
    expect(product.at('/second')[0]?.params['ErrorUrl']).toBe(`${product.url}/first`);
  });

  it('of STOP makes later messages fail with 21610, until START', async () => {
    const product = await startProduct(token, () => ({ body: '<Response><Message>hi</Message></Response>' }));
    const booth = await startBooth({ inboundUrl: product.url });
    const page = (): Promise<unknown> =>
      twilioFor(booth).messages.create({ to: alice, from: ours, body: 'page' });
    await page();
    expect(await booth.reply(alice, ' stop ')).toMatch(/unsubscribed/);
    await expect(page()).rejects.toMatchObject({ code: 21610, status: 400 });
    expect(await booth.reply(alice, 'START')).toMatch(/re-subscribed[\s\S]*hi/);
    await expect(page()).resolves.toMatchObject({ status: 'queued' });
  });
});

describe('waiting for a message', () => {
  it('hands each one out once, in order, also those that came before', async () => {
    const booth = await startBooth();
    const client = twilioFor(booth);
    const third = booth.nextSms({ to: bob });
    for (const [to, body] of [
      [alice, '1'],
      [alice, '2'],
      [bob, '3'],
    ] as const) {
      await client.messages.create({ to, from: ours, body });
    }
    expect((await booth.nextSms({ to: alice })).body).toBe('1');
    expect((await booth.nextSms({ to: alice })).body).toBe('2');
    expect((await third).body).toBe('3');
    await expect(booth.nextSms({ to: alice, timeoutMs: 20 })).rejects.toThrow(
      /no SMS to \+15550100001 .*"3"/s,
    );
  });

  it('forgets the oldest beyond its bound', async () => {
    const booth = await startBooth({ keep: 3 });
    for (const body of ['1', '2', '3', '4']) await booth.send(alice, body, ours);
    expect(booth.messages.map((message) => message.body)).toEqual(['2', '3', '4']);
  });
});
