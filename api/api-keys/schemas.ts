import { z } from 'zod';
import { parseDuration } from '../../config/duration.js';
import { ACCESS_SCOPES, parseKeyScope, type KeyScope } from '../../domain/access/scope.js';
import type { StoredApiKey } from '../../store/api-keys.js';
import { by } from '../contract/incident-words.js';
import { instant } from '../contract/timeline.js';
import { moment } from '../schedules/moments.js';

const SCOPES =
  '`read`: see everything. `respond`: also act on incidents, make overrides and calendars. `admin`: everything. `integration:<id>`: send alerts of that integration, and nothing else.';

const scope = z
  .string()
  .max(60)
  .transform((text, context): KeyScope => {
    const known = parseKeyScope(text);
    if (known !== null) return known;
    context.addIssue({ code: 'custom', message: 'Expected read, respond, admin, or integration:<id>.' });
    return z.NEVER;
  })
  .describe(SCOPES)
  .meta({ examples: ['respond', 'integration:prometheus'] });

/** What a new key is to be. */
export const newKeyBody = z
  .object({
    name: z.string().trim().min(1).max(100).describe('What it is for: people find it by this.'),
    scope,
    user: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe(
        'Id of the user as whom it acts, and nobody else. Absent: as itself, or as whom a request names.',
      ),
    expires: moment('When it ends. Absent, and without `for`: never.').optional(),
    for: z
      .string()
      .max(40)
      .refine((text) => (parseDuration(text) ?? 0) > 0, {
        message: 'Expected a duration such as 8h, 90d or 52w.',
      })
      .optional()
      .describe('How long it is good for, instead of `expires`: `90d`.'),
    by,
  })
  .refine((body) => body.expires === undefined || body.for === undefined, {
    message: 'Expected `expires` or `for`, not both.',
    path: ['for'],
  });

/** A key, without what makes it work. */
export const apiKeySchema = z
  .object({
    id: z.string().describe('Names it, to take it back; it opens nothing.'),
    name: z.string(),
    scope: z.string().describe(SCOPES),
    user: z.string().describe('Id of the user as whom it acts.').exactOptional(),
    createdAt: instant,
    createdBy: z.string().describe('Id of the user or API key.'),
    expiresAt: instant.describe('From then on it opens nothing. Absent: never.').exactOptional(),
    lastUsedAt: instant.describe('A minute late at most. Absent: never.').exactOptional(),
    revokedAt: instant.describe('Absent: it was not taken back.').exactOptional(),
    revokedBy: z.string().exactOptional(),
  })
  .meta({ id: 'ApiKey' });

/** A key of the configuration, which is changed there. */
export const configuredKeySchema = z
  .object({ id: z.string(), scope: z.enum(ACCESS_SCOPES) })
  .meta({ id: 'ConfiguredApiKey' });

/** As the API tells it. */
export function apiKeyView({ userId, ...rest }: StoredApiKey): z.output<typeof apiKeySchema> {
  return { ...rest, ...(userId === undefined ? {} : { user: userId }) };
}
