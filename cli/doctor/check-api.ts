import { z } from 'zod';
import { fail, ok, type Finding } from './finding.js';

const TIMEOUT_MS = 5_000;
const readiness = z.object({
  ok: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
});

/** Whether the API answers and can do its work. */
export async function checkApi(url: string): Promise<Finding> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const parsed = readiness.safeParse(await response.json());
    if (!parsed.success) {
      return fail('API', `what answers at ${url} is no Tocsin`, 'Check TOCSIN_URL, or free that port.');
    }
    const broken = parsed.data.checks.filter((check) => !check.ok);
    return broken.length === 0
      ? ok('API', `${url} is ready`)
      : fail(
          'API',
          `${url} is not ready: ${broken.map(({ name, detail }) => `${name}${detail === undefined ? '' : ` (${detail})`}`).join(', ')}`,
          'Mend what stands in brackets; the log tells more.',
        );
  } catch {
    return fail(
      'API',
      `nothing answers at ${url}`,
      'Start Tocsin with `npm start`, or set TOCSIN_URL to where it runs.',
    );
  }
}
