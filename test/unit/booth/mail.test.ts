import nodemailer, { type Transporter } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import type { Booth } from '../../../booth/create-booth.js';
import { parseMail } from '../../../booth/mime.js';
import { startBooth } from './support.js';

const to = 'alice@example.org';

function mailer(booth: Booth): Transporter {
  return nodemailer.createTransport(`${booth.smtpUrl}?socketTimeout=300`);
}

describe('a mail', () => {
  it('is taken from nodemailer with text, HTML, links and attachments', async () => {
    const booth = await startBooth();
    await mailer(booth).sendMail({
      from: 'Tocsin <pager@example.org>',
      to: [to, 'Bob@Example.org'],
      subject: 'Störung: Datenbank „main“ – bitte übernehmen, es brennt seit fünf Minuten lichterloh',
      text: `Grüße!\nAcknowledge: https://tocsin.example/l/abc?x=1&y=2.\n${'lang '.repeat(40)}`,
      html: '<p>Grüße! <a href="https://tocsin.example/l/abc?x=1&amp;y=2">Ack</a> <a href="javascript:alert(1)">x</a></p>',
      attachments: [{ filename: 'handoff.ics', contentType: 'text/calendar', content: 'BEGIN:VCALENDAR' }],
    });
    const mail = await booth.nextMail({ to, about: /Datenbank/ });
    expect(mail).toMatchObject({
      from: 'pager@example.org',
      to: [to, 'bob@example.org'],
      subject: 'Störung: Datenbank „main“ – bitte übernehmen, es brennt seit fünf Minuten lichterloh',
      links: ['https://tocsin.example/l/abc?x=1&y=2'],
      attachments: [{ name: 'handoff.ics', type: 'text/calendar', sizeBytes: 15 }],
    });
    expect(mail.text.trimEnd()).toBe(
      `Grüße!\nAcknowledge: https://tocsin.example/l/abc?x=1&y=2.\n${'lang '.repeat(40)}`.trimEnd(),
    );
    expect(mail.html).toContain('<p>Grüße! <a href="https://tocsin.example/l/abc?x=1&amp;y=2">Ack</a>');
    expect(mail.headers['to']).toBe('alice@example.org, Bob@example.org');
  });

  it('with HTML alone gets a text made of it', () => {
    const raw =
      'Subject: =?iso-8859-1?Q?caf=E9_?= =?utf-8?B?4piV?=\r\nContent-Type: text/html\r\n\r\n<p>One &amp; two</p><script>x</script>three';
    expect(parseMail(Buffer.from(raw))).toMatchObject({ subject: 'café ☕', text: 'One & two\nthree' });
  });

  it.each(['', '\r\n', 'no header', 'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x', '=?utf-8?B?'])(
    'that is not one (%j) is shown without an error',
    (raw) => {
      expect(parseMail(Buffer.from(raw)).links).toEqual([]);
    },
  );

  it.each([
    [{ kind: 'smtp-reject', code: 550 }, 550],
    [{ kind: 'greylist' }, 451],
    [{ kind: 'http-error', status: 503 }, 421],
    [{ kind: 'rate-limited' }, 452],
  ] as const)('is refused by %j with %i once, and taken the next time', async (fault, code) => {
    const booth = await startBooth();
    booth.misbehave({ ...fault, channel: 'mail', to });
    const mail = { from: 'a@example.org', to, subject: 's', text: 't' };
    await expect(mailer(booth).sendMail(mail)).rejects.toMatchObject({ responseCode: code });
    expect(booth.mails).toEqual([]);
    await mailer(booth).sendMail(mail);
    expect(booth.attempts).toMatchObject([{ outcome: 'refused', status: code }, { outcome: 'accepted' }]);
  });

  it('that was taken but never confirmed is there all the same', async () => {
    const booth = await startBooth();
    booth.misbehave({ kind: 'never-answer', accept: true, channel: 'mail' });
    await expect(mailer(booth).sendMail({ from: 'a@example.org', to, text: 't' })).rejects.toThrow(/imeout/);
    expect(booth.mails).toHaveLength(1);
    expect(booth.attempts).toMatchObject([{ outcome: 'hung' }]);
  });
});
