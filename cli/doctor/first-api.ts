import type { z } from 'zod';
import { createApiClient, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { CliFailure } from '../failure.js';
import { servesApi, type AskedProcess } from './check-processes.js';

const TIMEOUT_MS = 5_000;

/** Whom to ask, and how. */
export interface Asking {
  readonly asked: readonly AskedProcess[];
  readonly flags: Pick<ApiFlags, 'dataDir'>;
  readonly context: Context;
}

/** What the first API that answers has at this path, or why none has. */
export async function firstApi<T>(
  path: string,
  schema: z.ZodType<T>,
  { asked, flags: { dataDir }, context }: Asking,
): Promise<{ readonly url: string; readonly answer: T } | string> {
  let why = 'no API was asked';
  for (const { url, expected } of asked) {
    if (expected === 'Worker') continue;
    try {
      // The key is for APIs: a worker has no use for it.
      if (!(await servesApi(url))) continue;
      const client = await createApiClient(
        { url, ...(dataDir === undefined ? {} : { dataDir }) },
        context,
        TIMEOUT_MS,
      );
      return { url, answer: schema.parse(await client.get(path)) };
    } catch (error) {
      why = error instanceof CliFailure ? error.message.replace(/\.$/, '') : `${url} did not tell`;
    }
  }
  return why;
}
