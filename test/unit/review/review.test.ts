import { describe, expect, test } from 'vitest';
import { isReviewOver, reviewViewOf } from '../../../domain/review/machine.js';
import { HOUR } from '../../../domain/time/instant.js';
import { createVirtualReview, FRIDAY_18, INPUT, WHO } from './virtual-review.js';

const { postmortemWithinMs: _, ...OWES_NOTHING } = INPUT;

describe('scenario 15, the postmortem of an incident resolved on Friday 18:00', () => {
  test('reminders on Saturday 18:00 and Sunday 14:00, the manager on Sunday 18:00 and daily, published on Monday 09:00', () => {
    const it = createVirtualReview();
    expect(it.state().dueAt).toBe(FRIDAY_18 + 48 * HOUR);
    it.advanceTo(63);
    expect(it.log).toEqual([
      'Sat 18:00 alice sms: postmortem-reminder',
      'Sun 14:00 alice sms: postmortem-reminder',
      'Sun 18:00 mara sms: postmortem-overdue',
    ]);
    expect(it.publish()).toEqual({
      outcome: 'published',
      sentence: 'Postmortem recorded, 15 hours late. The review is closed.',
      asked: 'hash of r1',
    });
    expect(it.state().published).toMatchObject({ lateMs: 15 * HOUR, by: 'alice' });
    it.advanceTo(500);
    expect(it.log).toHaveLength(3);
    expect(isReviewOver(it.state())).toBe(true);
  });

  test('never published, the manager hears of it every day at the same time', () => {
    const it = createVirtualReview();
    it.advanceTo(48 + 72);
    expect(it.log.slice(2)).toEqual(
      ['Sun', 'Mon', 'Tue', 'Wed'].map((day) => `${day} 18:00 mara sms: postmortem-overdue`),
    );
    expect(it.commands.at(-1)).toMatchObject({ message: { parts: [{ times: 4, owner: 'alice' }] } });
  });

  test('published in time, nobody hears anything more', () => {
    const it = createVirtualReview();
    it.advanceTo(30);
    expect(it.publish().sentence).toBe('Postmortem recorded, in time. The review is closed.');
    it.advanceTo(500);
    expect(it.log).toEqual(['Sat 18:00 alice sms: postmortem-reminder']);
    expect(it.state().deadlines).toEqual({});
  });
});

describe('who is told', () => {
  test('without an owner: the first step of the policy, also when it is overdue', () => {
    const it = createVirtualReview({ ...INPUT, owner: null });
    it.advanceTo(48);
    expect(it.log).toEqual([
      'Sat 18:00 paul sms: postmortem-reminder',
      'Sun 14:00 paul sms: postmortem-reminder',
      'Sun 18:00 paul sms: postmortem-overdue',
    ]);
  });

  test('with a key as owner: the first step of the policy', () => {
    const it = createVirtualReview({ ...INPUT, owner: { kind: 'key', id: 'alice', name: 'robot' } });
    it.advanceTo(24);
    expect(it.log).toEqual(['Sat 18:00 paul sms: postmortem-reminder']);
  });

  test('an owner without a manager is told themself', () => {
    const it = createVirtualReview(INPUT, { who: { ...WHO, 'manager:alice': [] } });
    it.advanceTo(48);
    expect(it.log.at(-1)).toBe('Sun 18:00 alice sms: postmortem-overdue');
  });

  test('an owner who is no longer here: the first step', () => {
    const it = createVirtualReview(INPUT, { who: { 'schedule:payments:primary': ['paul'] } });
    it.advanceTo(48);
    expect(it.log).toEqual([
      'Sat 18:00 paul sms: postmortem-reminder',
      'Sun 14:00 paul sms: postmortem-reminder',
      'Sun 18:00 paul sms: postmortem-overdue',
    ]);
  });

  test('when there is nobody at all, the timeline says so, and it is asked again the next day', () => {
    const it = createVirtualReview(INPUT, { who: {} });
    it.advanceTo(72);
    expect(it.log).toEqual([]);
    expect(it.timeline('postmortem-overdue')).toEqual([
      'Sun 18:00 postmortem-overdue',
      'Mon 18:00 postmortem-overdue',
    ]);
    expect(it.state().timeline.filter((entry) => entry.type === 'problem').length).toBeGreaterThan(4);
  });

  test('a quiet severity writes mail', () => {
    const it = createVirtualReview({ ...INPUT, urgency: 'low' });
    it.advanceTo(24);
    expect(it.log).toEqual(['Sat 18:00 alice email: postmortem-reminder']);
  });
});

describe('deliveries', () => {
  test('that fail for good go another way', () => {
    const it = createVirtualReview(INPUT, { fails: (channel) => (channel === 'sms' ? 'for-good' : null) });
    it.advanceTo(24);
    expect(it.log.map((line) => line.split(' ')[3])).toEqual(['sms:', 'email:']);
  });

  test('that may work later are tried five times, then another way', () => {
    const it = createVirtualReview(INPUT, { fails: (channel) => (channel === 'sms' ? 'later' : null) });
    it.advanceTo(25);
    expect(it.log.map((line) => line.split(' ')[3])).toEqual([...Array<string>(5).fill('sms:'), 'email:']);
  });

  test('that nothing can make are given up', () => {
    const it = createVirtualReview(INPUT, { fails: () => 'later' });
    it.advanceTo(25);
    expect(it.log).toHaveLength(10);
    expect(Object.keys(it.state().deadlines)).toEqual(['reminder-2', 'overdue']);
  });

  test('are not tried again once it is published', () => {
    const it = createVirtualReview(INPUT, { fails: () => 'later' });
    it.advanceTo(24);
    it.publish();
    it.advanceTo(200);
    expect(it.log).toHaveLength(1);
    expect(isReviewOver(it.state())).toBe(true);
  });

  test('whose failure is reported after it is published send nothing more', () => {
    const it = createVirtualReview();
    it.advanceTo(24);
    it.publish();
    const id = Object.keys(it.state().deliveries)[0] ?? '';
    it.feed({
      type: 'delivery',
      report: { deliveryId: id, provider: 'x', status: 'failed', reason: 'undelivered', retryable: true },
    });
    expect(it.log).toHaveLength(1);
    expect(it.state().deadlines).toEqual({});
    expect(it.timeline('delivery-failed')).toHaveLength(1);
  });
});

describe('an outage of ours', () => {
  test('that swallows both reminders makes one', () => {
    const it = createVirtualReview();
    it.outageUntil(46);
    expect(it.log).toEqual(['Sun 16:00 alice sms: postmortem-reminder']);
    expect(it.timeline('missed-deadline')).toHaveLength(2);
  });

  test('past the deadline tells the manager once, then daily at the time of the deadline', () => {
    const it = createVirtualReview();
    it.outageUntil(100);
    it.advanceTo(120);
    expect(it.log).toEqual([
      'Tue 22:00 mara sms: postmortem-overdue',
      'Wed 18:00 mara sms: postmortem-overdue',
    ]);
  });

  test('before it even began: what is late is done once', () => {
    const it = createVirtualReview(INPUT, { openedAt: FRIDAY_18 + 30 * HOUR });
    it.advanceTo(48);
    expect(it.log).toEqual([
      'Sun 00:00 alice sms: postmortem-reminder',
      'Sun 14:00 alice sms: postmortem-reminder',
      'Sun 18:00 mara sms: postmortem-overdue',
    ]);
  });
});

describe('publishing', () => {
  test('twice with the same request is answered the same', () => {
    const it = createVirtualReview();
    expect(it.publish('r1')).toEqual(it.publish('r1'));
    expect(it.timeline('postmortem-published')).toHaveLength(1);
  });

  test('by a second person is told where it is', () => {
    const it = createVirtualReview();
    it.publish('r1');
    expect(it.publish('r2')).toEqual({
      outcome: 'already-published',
      sentence: 'It was published by alice: https://wiki.example/pm',
      asked: 'hash of r2',
    });
  });

  test('where none is owed changes nothing', () => {
    const it = createVirtualReview(OWES_NOTHING);
    expect(isReviewOver(it.state())).toBe(true);
    expect(it.publish().outcome).toBe('not-required');
    expect(it.log).toEqual([]);
    expect(reviewViewOf(it.state()).postmortem).toEqual({ required: false });
  });
});
