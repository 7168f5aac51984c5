import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { coverageSource } from '../../config/duty.js';
import { COVERAGE_WEEKS, coverageInSlices, DUTY_MARGIN } from '../../domain/oncall/coverage.js';
import { DAY } from '../../domain/time/instant.js';
import { addRoute } from '../contract/contract.js';
import { coverageSchema } from '../contract/coverage.js';
import type { AppDeps } from '../deps.js';
import { askedMoment, wrongParameter } from './asked-span.js';
import { inSlices } from './in-slices.js';
import { overridesIn, toldOf } from './overrides-in.js';

const query = z.object({
  weeks: z.coerce
    .number()
    .int()
    .min(1)
    .max(COVERAGE_WEEKS.longest)
    .default(COVERAGE_WEEKS.default)
    .describe('How many weeks.'),
  from: z
    .string()
    .max(40)
    .optional()
    .describe(
      'From when on: a date (its midnight in `defaults.zone`), RFC 3339, or milliseconds since 1970. Default: now.',
    ),
  policy: z.string().min(1).max(200).optional().describe('Id of a policy: of this one only.'),
  urgency: z.enum(['high', 'low']).default('high').describe('Gaps for pages of this urgency.'),
});

/** `GET /v1/coverage`: when nobody would be paged. */
export function coverageRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'GET',
    '/v1/coverage',
    {
      tag: 'on call',
      summary: 'Prove the coverage',
      description:
        'For each policy every interval in which a step, or none of them, pages anybody; who cannot be reached; who has confirmed no contact method (no gap: they are paged, and the next step with them); steps that page the same people as the step before; the longest duties and missing rest. Worked out from the intervals of the configuration in force and of the overrides, exact over changes of clocks.',
      auth: 'api-key',
      scope: 'read',
      query,
      answers: { 200: { description: 'What was found.', body: coverageSchema } },
    },
    async ({ query: { weeks, policy, urgency, ...asked } }) => {
      const { duty, policyIds } = deps.config();
      if (policy !== undefined && !policyIds.includes(policy))
        throw wrongParameter('policy', 'There is no policy of this id.', 'Leave it out for all policies.');
      const from = askedMoment('from', asked.from, duty.zone, deps.now());
      const span = { from, to: from + weeks * 7 * DAY };
      const wide = { from: span.from - DUTY_MARGIN, to: span.to + DUTY_MARGIN };
      const overrides = await overridesIn(deps, { ...wide, about: span });
      const source = coverageSource(duty, overrides.overrides, policy);
      const found = await inSlices(coverageInSlices(source, span, urgency));
      return { ...found, zone: duty.zone, ...toldOf(overrides) };
    },
  );
}
