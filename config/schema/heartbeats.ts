import * as z from 'zod';
import { duration, id, positiveDuration, secret, severityId } from './leaves.js';

/** Something that says again and again that it lives: a missed beat is an alert of its service. */
export const heartbeat = z.strictObject({
  service: id.describe('Whose people are paged when a beat is missed.'),
  every: positiveDuration.describe('A beat is expected so often: at least 30s.'),
  grace: duration.optional().describe('How late a beat may be. Default: a tenth of every, from 1m to 1h.'),
  severity: severityId.optional().describe('Default: as for any alert of the service that does not say.'),
  key: secret.describe(
    'By reference to an environment variable: { env: NAME }. It is a part of the address.',
  ),
});
