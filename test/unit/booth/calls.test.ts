import { describe, expect, it } from 'vitest';
import type { Booth } from '../../../booth/create-booth.js';
import {
  alice,
  ours,
  startBooth,
  startProduct,
  statusesUntil,
  twilioFor,
  type Answer,
  type Product,
  type Received,
} from './support.js';

const token = 'f00d'.repeat(8);
const events = ['initiated', 'ringing', 'answered', 'completed'];

function product(): Promise<Product> {
  return startProduct(token, ({ path, params }: Received): Answer | undefined => {
    if (path.startsWith('/voice')) {
      return {
        body: `<?xml version="1.0" encoding="UTF-8"?>
          <Response>
            <Gather numDigits="1" timeout="6" action="/keys?page=7">
              <Say voice="Polly.Amy">Incident: database &lt;main&gt; is down.</Say>
              <Pause length="1"/>
              <Say>Press <break/>4 to acknowledge.</Say>
            </Gather>
            <Say>We heard nothing.</Say>
            <Redirect>/voice?round=2</Redirect>
          </Response>`,
      };
    }
    if (path.startsWith('/keys') && params['Digits'] === '4') {
      return { body: '<Response><Say>Acknowledged.</Say><Hangup/><Say>never said</Say></Response>' };
    }
    if (path.startsWith('/keys')) {
      return { body: '<Response><Say>Not a choice.</Say><Redirect>/voice</Redirect></Response>' };
    }
    return undefined;
  });
}

function call(booth: Booth, { url }: Product, more: object = {}): Promise<{ sid: string; status: string }> {
  return twilioFor(booth).calls.create({
    to: alice,
    from: ours,
    url: `${url}/voice`,
    statusCallback: `${url}/status`,
    statusCallbackEvent: events,
    ...more,
  });
}

describe('a call', () => {
  it('is answered, speaks, takes a key press and says what comes of it', async () => {
    const app = await product();
    const booth = await startBooth({ authToken: token });
    const created = await call(booth, app);
    expect(created.status).toBe('queued');

    const phone = await booth.nextCall({ to: alice });
    expect(phone.status).toBe('ringing');
    expect(await phone.answer()).toEqual(['Incident: database <main> is down.', 'Press 4 to acknowledge.']);
    expect(phone.gather).toMatchObject({ numDigits: 1, digits: '' });
    expect(await phone.press('4')).toEqual(['Acknowledged.']);
    expect(phone.status).toBe('completed');

    expect(await statusesUntil(booth, app, '/status', 'completed')).toEqual(
      ['initiated', 'ringing', 'in-progress', 'completed'].map((status) =>
        status === 'initiated' ? 'queued' : status,
      ),
    );
    expect(app.at('/keys')).toMatchObject([
      { path: '/keys?page=7', params: { Digits: '4', CallSid: created.sid, From: ours, To: alice } },
    ]);
    expect(app.received.every((request) => request.signatureValid)).toBe(true);
    expect(await twilioFor(booth).calls(created.sid).fetch()).toMatchObject({
      status: 'completed',
      to: alice,
    });
  });

  it('goes on to the next verb when nothing is pressed, and repeats by its redirect', async () => {
    const app = await product();
    const booth = await startBooth();
    await call(booth, app);
    const phone = await booth.nextCall();
    await phone.answer();
    expect(await phone.waitOut()).toEqual([
      'We heard nothing.',
      'Incident: database <main> is down.',
      'Press 4 to acknowledge.',
    ]);
    expect(app.at('/voice?round=2')).toHaveLength(1);
    expect(await phone.press('9')).toContain('Not a choice.');
  });

  it('lets the time-outs pass by the clock, faster with speed', async () => {
    const app = await product();
    const booth = await startBooth({ speed: 200 });
    await call(booth, app);
    const phone = await booth.nextCall();
    await phone.answer();
    await booth.until('a second round', () => app.at('/voice?round=2').length > 0);
    phone.hangUp();
    expect(phone.status).toBe('completed');
  });

  it('ignores keys that nobody waits for, and collects several until the finish key', async () => {
    const app = await product();
    const booth = await startBooth();
    const twiml = `<Response><Gather finishOnKey="#" action="${app.url}/keys"><Say>Your code?</Say></Gather></Response>`;
    await twilioFor(booth).calls.create({ to: alice, from: ours, twiml });
    const phone = await booth.nextCall();
    expect(await phone.press('4')).toEqual([]);
    expect(await phone.answer()).toEqual(['Your code?']);
    expect(await phone.press('12')).toEqual([]);
    expect(phone.gather?.digits).toBe('12');
    await phone.press('3#');
    expect(app.at('/keys')[0]?.params['Digits']).toBe('123');
  });

  it.each([
    ['letItRing', 'no-answer'],
    ['busy', 'busy'],
    ['fail', 'failed'],
    ['hangUp', 'busy'],
  ] as const)('ends by %s as %s, with one final callback', async (button, status) => {
    const app = await product();
    const booth = await startBooth();
    await call(booth, app, { statusCallbackEvent: ['completed'] });
    (await booth.nextCall())[button]();
    expect(await statusesUntil(booth, app, '/status', status)).toEqual([status]);
    expect(app.at('/voice')).toEqual([]);
  });

  it('that nobody takes ends as no-answer after its own timeout', async () => {
    const app = await product();
    const booth = await startBooth({ speed: 1000 });
    await call(booth, app, { timeout: 20 });
    expect(await statusesUntil(booth, app, '/status', 'no-answer')).toEqual([
      'queued',
      'ringing',
      'no-answer',
    ]);
  });

  it('taken by voicemail says so by asynchronous detection, after the script has begun', async () => {
    const app = await product();
    const booth = await startBooth();
    await call(booth, app, {
      machineDetection: 'DetectMessageEnd',
      asyncAmd: 'true',
      asyncAmdStatusCallback: `${app.url}/amd`,
    });
    const phone = await booth.nextCall();
    await phone.answer('machine');
    await booth.until('a verdict', () => app.at('/amd').length > 0);
    expect(app.at('/amd')[0]?.params).toMatchObject({ AnsweredBy: 'machine_end_beep', CallSid: phone.sid });
    expect(app.at('/voice')[0]?.params).not.toHaveProperty('AnsweredBy');

    const updated = await twilioFor(booth)
      .calls(phone.sid)
      .update({ twiml: '<Response><Say>Please check Tocsin.</Say></Response>' });
    expect(updated.sid).toBe(phone.sid);
    await booth.until('the end of the call', () => phone.status === 'completed');
    expect(phone.transcript.at(-1)?.text).toBe('Please check Tocsin.');
  });

  it('tells who answered in the request for the script when detection is not asynchronous', async () => {
    const app = await product();
    const booth = await startBooth();
    await call(booth, app, { machineDetection: 'Enable' });
    await (await booth.nextCall()).answer('machine');
    expect(app.at('/voice')[0]?.params['AnsweredBy']).toBe('machine_start');
  });

  it('can be called off while it rings, and ended while it goes on, but not redirected once over', async () => {
    const app = await product();
    const booth = await startBooth();
    const client = twilioFor(booth);
    await call(booth, app);
    const first = await booth.nextCall();
    expect(await client.calls(first.sid).update({ status: 'canceled' })).toMatchObject({
      status: 'canceled',
    });
    await call(booth, app);
    const second = await booth.nextCall();
    await second.answer();
    expect(await client.calls(second.sid).update({ status: 'canceled' })).toMatchObject({
      status: 'in-progress',
    });
    expect(await client.calls(second.sid).update({ status: 'completed' })).toMatchObject({
      status: 'completed',
    });
    await expect(client.calls(second.sid).update({ twiml: '<Response/>' })).rejects.toMatchObject({
      code: 21220,
    });
  });

  it('whose script cannot be had says the sentence of Twilio, or takes the fallback', async () => {
    const app = await startProduct(token, ({ path }) =>
      path === '/fallback'
        ? { body: '<Response><Say>From the fallback.</Say></Response>' }
        : { body: 'not xml' },
    );
    const booth = await startBooth();
    const create = (url: string): Promise<unknown> =>
      twilioFor(booth).calls.create({ to: alice, from: ours, url, fallbackUrl: `${app.url}/fallback` });
    await create(`${app.url}/broken`);
    expect(await (await booth.nextCall()).answer()).toEqual([
      'We are sorry, an application error has occurred. Goodbye.',
    ]);
    await create('http://127.0.0.1:9/nobody');
    expect(await (await booth.nextCall()).answer()).toEqual(['From the fallback.']);
  });

  it('that is dropped because the booth stops calls nobody back, and is over', async () => {
    const app = await product();
    const booth = await startBooth();
    await call(booth, app);
    const phone = await booth.nextCall();
    await phone.answer();
    await booth.until('the report of the answer', () => app.at('/status').length === 3);
    await booth.stop();
    expect(phone.status).toBe('failed');
    expect(await phone.press('4')).toEqual([]);
    expect(booth.webhooks.at(-1)).toMatchObject({ status: undefined, error: 'the phone booth stopped' });
    expect(app.at('/status')).toHaveLength(3);
    await expect(call(booth, app)).rejects.toMatchObject({ code: expect.stringMatching(/^ECONN/) as string });
    await booth.start();
    await call(booth, app);
    expect(await (await booth.nextCall()).answer()).toHaveLength(2);
  });
});
