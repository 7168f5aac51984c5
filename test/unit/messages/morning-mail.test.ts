import { describe, expect, it } from 'vitest';
import { zoneTimes } from '../../../config/zone-times.js';
import { morningMail, type SparedIncident } from '../../../domain/messages/morning-mail.js';
import { utcTimes } from '../../../domain/messages/times.js';
import { MINUTE } from '../../../domain/time/instant.js';

const AT = Date.parse('2026-11-29T03:00Z');

function spared(
  changes: Partial<SparedIncident> = {},
  person: Partial<SparedIncident['person']> = {},
): SparedIncident {
  return {
    openingId: 'o-1',
    code: '7KQ2',
    title: 'disk is full',
    service: 'payments',
    severity: 'SEV1',
    at: AT,
    tier: 'primary',
    instead: 'secondary',
    person: { userId: 'alice', name: 'Alice', count: 3, limit: 3, ...person },
    ...changes,
  };
}

describe('the morning mail', () => {
  it('says who was past their limit, how often they were paged, and what went to others first', () => {
    const mail = morningMail(
      'morning-mail:k',
      [
        spared({ openingId: 'o-2', code: 'AB12', title: 'queue\nis long', at: AT + MINUTE }, { count: 4 }),
        spared(),
        spared({ openingId: 'o-2' }, { userId: 'dan', name: 'Dan', count: 5, limit: 5 }),
      ],
      utcTimes,
    );
    expect(mail).toEqual({
      kind: 'letter',
      topic: 'morning',
      id: 'morning-mail:k',
      subject: 'Past the night’s limit of pages: Alice and Dan',
      short: 'Past the limit of pages last night: Alice and Dan. 2 incidents went to others first.',
      body: [
        'Last night Tocsin asked others first, since somebody had been woken as often as the limit allows.',
        'Alice was paged for 4 incidents that night (limit 3). Others were asked first for:',
        '- Sun 29 Nov, 03:00 UTC: SEV1 disk is full (payments, 7KQ2): secondary was paged before primary',
        '- Sun 29 Nov, 03:01 UTC: SEV1 queue is long (payments, AB12): secondary was paged before primary',
        'Dan was paged for 5 incidents that night (limit 5). Others were asked first for:',
        '- Sun 29 Nov, 03:00 UTC: SEV1 disk is full (payments, 7KQ2): secondary was paged before primary',
        'Whoever was spared was paged all the same where the others did not answer in time; the timeline of each incident says so. The limit is limits.pagesPerNight in the configuration.',
      ],
      validForMs: 36_000_000,
    });
  });

  it('has the times of whoever reads it', () => {
    const { body } = morningMail('k', [spared()], zoneTimes('America/New_York'));
    expect(body[2]).toContain('Sat 28 Nov, 22:00');
  });

  it('stays a mail that can be read and an SMS that can be sent, however bad the night was', () => {
    const many = Array.from({ length: 900 }, (_none, index) =>
      spared(
        { openingId: `o-${index}`, title: 'x'.repeat(500) },
        { userId: `user-${index % 45}`, name: `Somebody ${index % 45} ${'of the long name'.repeat(5)}` },
      ),
    );
    const { subject, short, body } = morningMail('k', many, utcTimes);
    expect(subject.length).toBeLessThanOrEqual(160);
    expect(short.length).toBeLessThanOrEqual(300);
    expect(short).toContain('900 incidents');
    expect(body.join('\n').length).toBeLessThan(110_000);
    expect(body).toContain('And 25 more people.');
    const [, first] = body.join('\n').split('Others were asked first for:');
    expect(first?.match(/^- Sun/gm)).toHaveLength(20);
    const long = morningMail(
      'k',
      many.map((one) => ({ ...one, person: spared().person })),
      utcTimes,
    );
    expect(long.body).toContain('- and 880 more');
  });
});
