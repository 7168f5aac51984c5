import { describe, expect, it } from 'vitest';
import type { IncidentView, ReviewView } from '../../../domain/incident/view.js';
import { currentDetails, reviewDetails } from '../../../domain/messages/details.js';
import { HOUR, MINUTE } from '../../../domain/time/instant.js';
import { TEN } from './fixtures.js';

const view: IncidentView = {
  openingId: '0123456789abcdef0123-89abcdef',
  workflowId: 'incident:0123456789abcdef0123',
  code: '7KQ2',
  title: 'Checkout *error* rate',
  phase: 'triggered',
  severity: 'SEV1',
  service: 'payments',
  policy: { id: 'default', hash: 'abc123' },
  source: 'alertmanager',
  openedAt: TEN,
  paging: true,
  paged: [
    { userId: 'alice', name: 'alice', at: TEN, open: true },
    { userId: 'bob', name: 'bob', at: TEN + 5 * MINUTE, open: true },
  ],
  alerts: { firing: 3, total: 5 },
  deadlines: [{ name: 'ack', at: TEN + 10 * MINUTE, label: 'ack timeout: bob (secondary), then tier 2' }],
  timeline: [
    {
      at: TEN,
      type: 'opened',
      title: 'Checkout *error* rate',
      service: 'payments',
      severity: 'SEV1',
      source: 'alertmanager',
    },
    { at: TEN + 5 * MINUTE, type: 'ack-timeout', tier: 'primary', names: ['alice'] },
  ],
  timelineDropped: 0,
};

describe('the current details of an incident', () => {
  it('say at a glance who is paged, what happens next and what happened', () => {
    expect(currentDetails(view, TEN + 6 * MINUTE)).toBe(`## SEV1 7KQ2: Checkout \\*error\\* rate

**Paging alice and bob; no answer yet.** It is triggered, open since Tue 24 Nov, 10:00 UTC (service payments).

3 alerts are firing, 5 seen, from alertmanager.

### What happens next
- Tue 24 Nov, 10:10 UTC: ack timeout: bob \\(secondary\\), then tier 2

### Timeline
- \`2026-11-24 10:00:00\` opened by an alert: Checkout \\*error\\* rate \\(SEV1, payments\\), from alertmanager
- \`2026-11-24 10:05:00\` nobody acknowledged in time: alice \\(primary\\)

Policy default (abc123). As of 10:06:00 UTC.
`);
  });

  it('say who has it', () => {
    const owned = {
      ...view,
      paging: false,
      phase: 'acknowledged',
      owner: { id: 'bob', name: 'bob', since: TEN },
    } as const;
    expect(currentDetails(owned, TEN)).toContain('**bob has it since 10:00 UTC.** It is acknowledged');
  });

  it('mark a deadline that is late', () => {
    expect(currentDetails(view, TEN + HOUR)).toContain('then tier 2 (late)');
  });

  it('stay short: the last entries, and how many are left out', () => {
    const timeline = Array.from(
      { length: 40 },
      (_, index) => ({ at: TEN + index, type: 'remark', text: `entry ${index}` }) as const,
    );
    const text = currentDetails({ ...view, timeline, timelineDropped: 100 }, TEN);
    expect(text).toContain('125 earlier entries left out here.');
    expect(text).not.toContain('entry 24\n');
    expect(text).toContain('entry 39');
  });

  it('show a sender’s Markdown, HTML and links as text', () => {
    const title = '# <img src=x> [click](javascript:alert(1)) ![](http://x)\n\n## forged';
    const text = currentDetails(
      { ...view, title, timeline: [], link: 'javascript:alert(1)', runbook: 'https://wiki.example.com/x' },
      TEN,
    );
    expect(text.split('\n')[0]).toBe(
      '## SEV1 7KQ2: \\# \\<img src=x\\> \\[click\\]\\(javascript:alert\\(1\\)\\) \\!\\[\\]\\(http://x\\) \\#\\# forged',
    );
    expect(text).toContain('[Runbook](<https://wiki.example.com/x>) · Alert source: javascript:alert\\(1\\)');
  });
});

describe('the details of a review', () => {
  const review: ReviewView = {
    openingId: view.openingId,
    code: '7KQ2',
    title: 'Checkout error rate',
    severity: 'SEV1',
    service: 'payments',
    resolvedAt: TEN,
    phase: 'post-incident',
    postmortem: { required: true, dueAt: TEN + 48 * HOUR },
    deadlines: [{ name: 'postmortem', at: TEN + 48 * HOUR, label: 'postmortem deadline' }],
    timeline: [],
  };

  it('say what is owed and until when', () => {
    expect(reviewDetails(review)).toContain(
      '**The postmortem is due Thu 26 Nov, 10:00 UTC.** Resolved Tue 24 Nov, 10:00 UTC',
    );
    expect(reviewDetails({ ...review, postmortem: { required: false } })).toContain('No postmortem is owed.');
  });

  it('say who published it, and how late', () => {
    const published = { url: 'https://x.example.com', at: TEN, by: 'alice', lateMs: 15 * HOUR };
    expect(
      reviewDetails({ ...review, phase: 'closed', postmortem: { required: true, dueAt: TEN, published } }),
    ).toContain('The postmortem was published by alice, 15 hours late.');
  });
});
