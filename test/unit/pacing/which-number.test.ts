import { describe, expect, it } from 'vitest';
import { numberFor, paceKey } from '../../../activities/pacing/which-number.js';

const [A, B, C, D] = ['+15550100201', '+15550100202', '+15550100203', '+15550100204'] as const;
const people = Array.from({ length: 1_000 }, (_none, index) => `person-${index}`);

describe('the number for a person', () => {
  it('is always the same, whatever the order of the numbers', () => {
    for (const person of people.slice(0, 100)) {
      expect(numberFor([A, B, C], person)).toBe(numberFor([C, A, B], person));
      expect(numberFor([A], person)).toBe(A);
    }
  });

  it('each number has its share of the people', () => {
    const counts = [A, B, C].map(
      (number) => people.filter((id) => numberFor([A, B, C], id) === number).length,
    );
    for (const count of counts) expect(Math.abs(count - 333)).toBeLessThan(70);
  });

  it('a number more or less moves only those whose number it is', () => {
    const before = new Map(people.map((id) => [id, numberFor([A, B, C], id)]));
    const moved = people.filter((id) => numberFor([A, B, C, D], id) !== before.get(id));
    expect(moved.every((id) => numberFor([A, B, C, D], id) === D)).toBe(true);
    expect(Math.abs(moved.length - 250)).toBeLessThan(70);
    const left = people.filter((id) => numberFor([A, C], id) !== before.get(id));
    expect(left.every((id) => before.get(id) === B)).toBe(true);
  });

  it('does not show in the name of its pace', () => {
    expect(paceKey('twilio-sms', A)).toMatch(/^twilio-sms:[0-9a-f]{16}$/);
    expect(paceKey('twilio-sms', A)).not.toBe(paceKey('twilio-sms', B));
  });
});
