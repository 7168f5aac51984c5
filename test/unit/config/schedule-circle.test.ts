import { expect, it } from 'vitest';
import { load, said, yamlWith } from './support.js';

it('two schedules that hand over to each other can’t be written: who takes part is a person, never a schedule', () => {
  const rotation = (other: string): string =>
    `{ zone: UTC, rotation: { type: daily, handover: "09:00", start: 2026-01-05, participants: ["${other}"] } }`;
  for (const [one, other] of [
    ['schedule:other', 'schedule:payments'],
    ['schedule:other/primary', 'schedule:payments/primary'],
    ['other', 'payments'],
  ] as const) {
    const schedules = `\n  payments: ${rotation(one)}\n  other: ${rotation(other)}`;
    const errors = said(load(yamlWith({ schedules }))).filter(
      ({ level, path }) => level === 'error' && path.startsWith('schedules.'),
    );
    expect(
      errors.map(({ path }) => path),
      one,
    ).toEqual(['schedules.payments.rotation.participants[0]', 'schedules.other.rotation.participants[0]']);
  }
});
