import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fairnessSource } from '../../config/duty.js';
import { FAIRNESS_SPAN, fairnessInSlices, LONGEST_FAIRNESS } from '../../domain/oncall/fairness.js';
import { addRoute } from '../contract/contract.js';
import { fairnessSchema } from '../contract/coverage.js';
import type { AppDeps } from '../deps.js';
import { askedMoment, wrongParameter } from './asked-span.js';
import { inSlices } from './in-slices.js';
import { overridesIn, toldOf } from './overrides-in.js';
import { pagesIn } from './pages-in.js';

const query = z.object({
  from: z
    .string()
    .max(40)
    .optional()
    .describe(
      'A date (its midnight in `defaults.zone`), RFC 3339, or milliseconds since 1970. Default: four weeks before `to`.',
    ),
  to: z.string().max(40).optional().describe('In the same forms; not included. Default: now.'),
  schedule: z.string().min(1).max(200).optional().describe('Id of a schedule: duty by this one only.'),
});

/** `GET /v1/fairness`: who is on call how much. */
export function fairnessRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'GET',
    '/v1/fairness',
    {
      tag: 'on call',
      summary: 'Tell who is on call how much',
      description:
        'Hours, nights, weekends and holidays per person over a span of at most 400 days, past or future. The past is worked out from the configuration in force and the overrides of then.',
      auth: 'api-key',
      scope: 'read',
      query,
      answers: { 200: { description: 'Everybody in a rotation, most hours first.', body: fairnessSchema } },
    },
    async ({ query: { schedule, ...asked } }) => {
      const { duty, scheduleIds } = deps.config();
      if (schedule !== undefined && !scheduleIds.includes(schedule))
        throw wrongParameter(
          'schedule',
          'There is no schedule of this id.',
          'Leave it out for all schedules.',
        );
      const to = askedMoment('to', asked.to, duty.zone, deps.now());
      const span = { from: askedMoment('from', asked.from, duty.zone, to - FAIRNESS_SPAN), to };
      if (span.from >= span.to)
        throw wrongParameter('from', 'Is not before to.', 'Write a from that is earlier than to.');
      if (span.to - span.from > LONGEST_FAIRNESS)
        throw wrongParameter('from', 'Is more than 400 days before to.', 'Ask for a shorter span.');
      const overrides = await overridesIn(deps, span);
      const source = fairnessSource(duty, overrides.overrides, schedule);
      const found = await inSlices(fairnessInSlices(source, span));
      const pages = await pagesIn(deps.records, source, span);
      const people =
        pages === null ? found.people : found.people.map((each) => ({ ...each, ...pages(each.userId) }));
      return { ...found, people, zone: duty.zone, ...toldOf(overrides) };
    },
  );
}
