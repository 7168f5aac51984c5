import { expect, test } from 'vitest';
import { incidentDetails } from '../../../cli/output/incident-details.js';
import { zoneTimes } from '../../../config/zone-times.js';
import { viewOf } from '../../../domain/incident/machine.js';
import { currentDetails } from '../../../domain/messages/details.js';
import { MINUTE } from '../../../domain/time/instant.js';
import { incidentFragment } from '../../../web/incident-page.js';
import { recording } from '../../support/command-line.js';
import { incident, TUESDAY_10 } from '../incident/fixtures.js';

/** What people read of an incident that maintenance keeps quiet until 10:30 UTC: page, Temporal UI, command line. */
function said(it: ReturnType<typeof incident>) {
  const view = viewOf(it.state(), 'w');
  const now = TUESDAY_10 + 5 * MINUTE;
  const page = incidentFragment({
    ...{ view, now, reader: { id: 'alice', name: 'alice' }, nonce: 'a-nonce-of-a-form' },
    times: zoneTimes('Europe/Berlin'),
  });
  const { colours } = recording().context;
  return {
    page: page
      .replace(/<[^>]+>/g, '')
      .replace(/\s+/g, ' ')
      .trim(),
    details: currentDetails(view, now),
    terminal: incidentDetails(view as unknown as Parameters<typeof incidentDetails>[0], now, 'UTC', colours),
  };
}

const WINDOW = { id: 'w1', from: TUESDAY_10 - MINUTE, to: TUESDAY_10 + 30 * MINUTE, reason: 'a <b> upgrade' };

test('everybody who looks at a quiet incident reads until when, and why', () => {
  const it = incident({ windows: [WINDOW] });
  const { page, details, terminal } = said(it);
  expect(page).toContain('Nobody has it, and nobody is paged before 11:30 CET');
  expect(page).toContain('maintenance (a &lt;b&gt; upgrade)');
  expect(details).toContain('**Nobody has it; quiet until Tue 24 Nov, 10:30 UTC (maintenance: ');
  expect(details).toContain('then paged if it still fires');
  expect(terminal).toMatch(/maintenance +quiet until 10:30:00 \(a <b> upgrade\)/);
  expect(terminal).not.toContain('people are being paged');
});

test('with an owner, who is left alone; and nothing of it once it is over', () => {
  const it = incident({ windows: [WINDOW] });
  it.acknowledge('alice');
  const owned = said(it);
  expect(owned.page).toContain('Left alone until 11:30 CET');
  expect(owned.details).toContain('alice has it; quiet until');
  it.advanceTo('31:00');
  const over = said(it);
  expect(over.page).not.toContain('Left alone');
  expect(over.terminal).not.toMatch(/^ *maintenance +quiet/m);
});
