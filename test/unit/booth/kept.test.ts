import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createBooth, type Booth } from '../../../booth/create-booth.js';
import { alice, bob, ours, startBooth, twilioFor } from './support.js';

let file: string;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-booth-'));
  file = join(folder, 'booth.json');
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

const TWIML = '<Response><Say>Incident 7 K Q 2</Say><Gather numDigits="1"/></Response>';

/** An SMS, a mail, a call that was answered and one that still rings. */
async function use(booth: Booth): Promise<void> {
  const client = twilioFor(booth);
  await client.messages.create({ to: alice, from: ours, body: 'SEV1 7KQ2' });
  await client.calls.create({ to: alice, from: ours, twiml: TWIML });
  const call = await booth.nextCall({ to: alice });
  await call.answer();
  await call.press('4');
  const transport = createTransport(booth.smtpUrl);
  await transport.sendMail({
    from: 'a@example.com',
    to: 'alice@example.com',
    subject: 'SEV1',
    text: 'Hello',
  });
  transport.close();
  booth.optOut(bob);
  await client.calls.create({ to: alice, from: ours, twiml: TWIML });
  await booth.nextCall({ to: alice });
}

async function pageOf(booth: Booth): Promise<string> {
  return (await fetch(booth.httpUrl)).text();
}

describe('a booth with a file', () => {
  it('shows after a restart what it showed before; what rang is over', async () => {
    const first = await startBooth({ file });
    await use(first);
    await first.stop();
    expect((await stat(file)).mode & 0o777).toBe(0o600);

    const second = await startBooth({ file });
    expect(second.messages).toEqual(first.messages);
    expect(second.mails).toEqual(first.mails);
    expect(second.calls.map(({ sid, status }) => [sid, status])).toEqual([
      [first.calls[0]?.sid, 'completed'],
      [first.calls[1]?.sid, 'failed'],
    ]);
    const page = await pageOf(second);
    for (const shown of ['SEV1 7KQ2', 'pressed 4', 'Hello', 'Call failed']) expect(page).toContain(shown);
    const newest = Math.max(...[...first.messages, ...first.calls, ...first.mails].map(({ seq }) => seq));
    expect(second.mark()).toBe(newest);
    expect(await second.calls[1]?.answer()).toEqual([]);
    // Who said STOP has said it.
    await expect(twilioFor(second).messages.create({ to: bob, from: ours, body: 'x' })).rejects.toMatchObject(
      { code: 21610 },
    );
  });

  it('has written it a moment later, so that it also outlives a killed process', async () => {
    const first = await startBooth({ file });
    await use(first);
    await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toContain('"ringing"'), 5_000);
    const second = await startBooth({ file });
    expect(second.calls.map(({ status }) => status)).toEqual(['completed', 'failed']);
  });

  it('keeps the newest 500 of each, and of a huge mail no HTML', async () => {
    const first = await startBooth({ file, hopMs: 60_000 });
    for (let count = 0; count < 510; count += 1) await first.send(alice, `number ${count}`, ours);
    const transport = createTransport(first.smtpUrl);
    const huge = { subject: 'huge', text: 'short', html: 'x'.repeat(200_000) };
    await transport.sendMail({ from: 'a@example.com', to: 'alice@example.com', ...huge });
    transport.close();
    await first.stop();
    const second = await startBooth({ file });
    expect(second.messages).toHaveLength(500);
    expect(second.messages.at(-1)?.body).toBe('number 509');
    expect(second.mails[0]?.text).toContain('short');
    expect(second.mails[0]?.html).toBeUndefined();
  });

  it('begins empty with a damaged file, keeps that aside and says so', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    onTestFinished(() => said.mockRestore());
    for (const damaged of ['{"messages": [', '{"messages": [{}]}']) {
      await writeFile(file, damaged);
      expect(createBooth({ file }).messages).toEqual([]);
      expect(await readFile(`${file}.damaged`, 'utf8')).toBe(damaged);
    }
    expect(said).toHaveBeenCalledWith(expect.stringContaining('booth.json is damaged'));
  });
});
