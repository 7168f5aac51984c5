import { describe, expect, it } from 'vitest';
import { load, said, yamlWith } from './support.js';

/** The warnings about steps that may page the same person, for steps with these targets. */
function warned(...steps: readonly string[]): readonly string[] {
  const policies = `
  default:
    steps: [${steps.map((targets) => `{ targets: [${targets}] }`).join(', ')}]
    catchAll: { targets: ["group:ops-room"] }`;
  const result = load(yamlWith({ policies }));
  expect(result.ok).toBe(true);
  return said(result)
    .filter(({ message }) => message.includes('paged already'))
    .map(({ path, message, remedy }) => `${path}: ${message} → ${remedy}`);
}

const [PRIMARY, SECONDARY] = ['"schedule:payments/primary"', '"schedule:payments/secondary"'];

describe('a step that may page whom the step before has paged', () => {
  it('is told when it is one user after a schedule that the user takes part in, either way round', () => {
    expect(warned(PRIMARY, '"user:bob"')).toEqual([
      'policies.default.steps[1].targets[0]: bob can be whom the step before has paged already: primary of payments, then user bob → Name somebody who takes no part in it, or its secondary: schedule:payments/secondary.',
    ]);
    expect(warned('"user:bob"', SECONDARY)).toHaveLength(1);
  });

  it('is told when it is the same one', () => {
    expect(warned('"user:erin"', '"user:erin"')).toEqual([
      'policies.default.steps[1].targets[0]: pages whom the step before has paged already (user erin) → Name somebody else, or give the step before a longer timeout.',
    ]);
    expect(warned(PRIMARY, PRIMARY)).toHaveLength(1);
  });

  it('is not told where somebody else is paged for sure, or is paged too', () => {
    for (const steps of [
      [PRIMARY, SECONDARY],
      [PRIMARY, '"user:erin"'],
      [PRIMARY, '"user:bob", "user:erin"'],
      [`${PRIMARY}, "user:erin"`, '"user:bob"'],
      ['"user:bob"', '"user:erin"', '"user:bob"'],
      [PRIMARY, '"group:ops-room"'],
    ])
      expect(warned(...steps), steps.join(' then ')).toEqual([]);
  });
});
