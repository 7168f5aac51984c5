import { z } from 'zod';
import { fail, ok, warn, type Finding } from './finding.js';

const TIMEOUT_MS = 5_000;
const readiness = z.object({
  ok: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
});

/** Whether the API answers and can do its work, and which providers its worker has trouble with. */
export async function checkApi(url: string): Promise<readonly Finding[]> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const parsed = readiness.safeParse(await response.json());
    if (!parsed.success) {
      return [fail('API', `what answers at ${url} is no Tocsin`, 'Check TOCSIN_URL, or free that port.')];
    }
    const broken = parsed.data.checks.filter((check) => !check.ok);
    const api =
      broken.length === 0
        ? ok('API', `${url} is ready`)
        : fail(
            'API',
            `${url} is not ready: ${broken.map(({ name, detail }) => `${name}${detail === undefined ? '' : ` (${detail})`}`).join(', ')}`,
            'Mend what stands in brackets; the log tells more.',
          );
    const troubles = parsed.data.checks.find(({ name }) => name === 'providers')?.detail;
    return troubles === undefined
      ? [api]
      : [
          api,
          warn(
            'Deliveries',
            troubles,
            'What stands in for them is used meanwhile; without one their messages are tried again. The log tells more.',
          ),
        ];
  } catch {
    return [
      fail(
        'API',
        `nothing answers at ${url}`,
        'Start Tocsin with `npm start`, or set TOCSIN_URL to where it runs.',
      ),
    ];
  }
}
