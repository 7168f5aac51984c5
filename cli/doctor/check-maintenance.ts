import { z } from 'zod';
import { safe } from '../output/safe.js';
import { warn, type Finding } from './finding.js';
import { firstApi, type Asking } from './first-api.js';

const answer = z.object({
  windows: z.array(z.object({ id: z.string(), state: z.string(), problem: z.string().optional() })),
});

/** Maintenance windows that cover nothing, as the first API that answers says it; nothing to tell: none of them. */
export async function checkMaintenance(asking: Asking): Promise<readonly Finding[]> {
  const told = await firstApi('/v1/maintenance', answer, asking);
  if (typeof told === 'string') return [];
  return told.answer.windows.flatMap(({ id, problem }) =>
    problem === undefined
      ? []
      : [
          warn(
            'Maintenance',
            `${safe(id)} covers nothing, since its labels can’t be compared: ${safe(problem)}`,
            `End it (tocsin maintenance end ${safe(id)}), and start it again with labels that can.`,
          ),
        ],
  );
}
