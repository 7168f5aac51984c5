import nodemailer from 'nodemailer';
import { describe, expect, it } from 'vitest';
import type { Booth } from '../../../booth/create-booth.js';
import { alice, ours, startBooth, startProduct, twilioFor } from './support.js';

const person = { name: 'Alice', contacts: [alice, 'alice@example.org'] };

async function pageOf(booth: Booth): Promise<string> {
  return (await fetch(booth.httpUrl)).text();
}

function press(booth: Booth, path: string, fields: Record<string, string>, headers = {}): Promise<Response> {
  return fetch(booth.httpUrl + path, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { accept: 'text/html', ...headers },
    redirect: 'manual',
  });
}

describe('the page', () => {
  it('says what to do while nothing has come in', async () => {
    const booth = await startBooth({ hint: 'curl -d \'{"a":1}\' http://127.0.0.1:3000/v1/alerts' });
    const page = await pageOf(booth);
    expect(page).toContain('No phone has rung yet');
    expect(page).toContain('curl -d &#39;{&quot;a&quot;:1}&#39; http://127.0.0.1:3000/v1/alerts');
  });

  it('allows no inline script, and shows what came in escaped', async () => {
    const booth = await startBooth({ people: [person] });
    await twilioFor(booth).messages.create({ to: alice, from: ours, body: '<script>alert(1)</script>' });
    await nodemailer.createTransport(booth.smtpUrl).sendMail({
      from: 'pager@example.org',
      to: 'alice@example.org',
      subject: '<b>bold</b>',
      text: 'see https://tocsin.example/l/x',
      html: '<script>alert("2")</script>',
    });
    const response = await fetch(booth.httpUrl);
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self';");
    const page = await response.text();
    expect(page.match(/<script[^>]*>/g)).toEqual(['<script src="/booth/app.js" defer>']);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('&lt;b&gt;bold&lt;/b&gt;');
    expect(page).toContain(
      'srcdoc="&lt;base target=&quot;_blank&quot;&gt;&lt;script&gt;alert(&quot;2&quot;)',
    );
    expect(page).toContain('<a href="https://tocsin.example/l/x" target="_blank"');
    expect(page.match(/class="card"/g)).toHaveLength(1);
  });

  it('answers a call and presses keys by plain forms, without JavaScript', async () => {
    const product = await startProduct('', ({ params }) => ({
      body:
        params['Digits'] === undefined
          ? '<Response><Gather numDigits="1"><Say>Press 4.</Say></Gather></Response>'
          : `<Response><Say>You pressed ${params['Digits']}.</Say></Response>`,
    }));
    const booth = await startBooth({ people: [person] });
    await twilioFor(booth).calls.create({ to: alice, from: ours, url: product.url });
    const call = await booth.nextCall();
    expect(await pageOf(booth)).toMatch(/Let it ring[\s\S]*Voicemail[\s\S]*Busy/);
    const answered = await press(booth, `/booth/api/calls/${call.sid}/answer`, { by: 'human' });
    expect([answered.status, answered.headers.get('location')]).toEqual([303, '/']);
    expect(await pageOf(booth)).toMatch(/Press 4\.[\s\S]*Waiting for a key[\s\S]*Hang up/);
    await press(booth, `/booth/api/calls/${call.sid}/press`, { digits: '4' });
    expect(call.transcript.at(-1)?.text).toBe('You pressed 4.');
    const after = await pageOf(booth);
    expect(after).toContain('Call, pressed 4');
    // What it was about, and when on whose clock.
    expect(after).toMatch(/<summary>[^]*<small>“Press 4\.”<\/small>/);
    expect(after).toMatch(/<time[^>]*>\d\d:\d\d:\d\d [A-Z][A-Z0-9+:-]+<\/time>/i);
  });

  it('sends replies, breaks things and mends them', async () => {
    const booth = await startBooth({ people: [person] });
    await press(booth, '/booth/api/replies', { from: alice, body: 'ACK' });
    expect(booth.messages).toMatchObject([{ from: alice, body: 'ACK', direction: 'inbound' }]);
    const page = (): Promise<unknown> =>
      twilioFor(booth).messages.create({ to: alice, from: ours, body: 'x' });

    await press(booth, '/booth/api/opt-out', { number: alice });
    await expect(page()).rejects.toMatchObject({ code: 21610 });
    await press(booth, '/booth/api/opt-in', { number: alice });
    await press(booth, '/booth/api/faults', {
      kind: 'http-error',
      channel: 'any',
      to: alice,
      status: '503',
      times: 'always',
    });
    await expect(page()).rejects.toMatchObject({ status: 503 });
    expect(await pageOf(booth)).toContain('provider answers HTTP 503');
    await press(booth, '/booth/api/faults/clear', { to: alice });
    await expect(page()).resolves.toBeDefined();
  });

  it('says what was wrong with a request, and takes none from other sites', async () => {
    const booth = await startBooth();
    const wrong = await press(booth, '/booth/api/replies', { from: 'alice', body: 'ACK' }, { accept: '*/*' });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toEqual({ message: 'from: Expected `from` in E.164, e.g. +15550100001.' });
    const foreign = await press(
      booth,
      '/booth/api/replies',
      { from: alice, body: 'ACK' },
      { 'sec-fetch-site': 'cross-site' },
    );
    expect(foreign.status).toBe(403);
    expect(booth.messages).toEqual([]);
  });

  it('is told of changes by an event stream', async () => {
    const booth = await startBooth();
    const response = await fetch(`${booth.httpUrl}/booth/events`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let heard = '';
    const hear = async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(heard)) {
        const chunk = await reader?.read();
        if (chunk?.done !== false) throw new Error(`The stream ended after ${heard}`);
        heard += chunk.value;
      }
    };
    await hear(/retry: 1000/);
    await booth.send(alice, 'ACK');
    await hear(/data: changed/);
    await reader?.cancel();
  });
});
