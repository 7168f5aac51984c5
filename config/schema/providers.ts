import * as z from 'zod';
import { GATEWAY_FAILURES, type JsonValue } from '../provider-settings.js';
import { fill, variablesIn } from '../text-template.js';
import { secret, text, url } from './leaves.js';
import { WORDS } from './words.js';

/** Begins with a letter: keys that look like numbers lose their place in a map, and the place is the order. */
export const providerId = z
  .string({ error: WORDS.providerId.message })
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,39}$/, { error: WORDS.providerId.message });

const place = (kind: 'twilio' | 'smtp') =>
  z.strictObject({
    kind: z.literal(kind).describe('Only its place in the order: its settings are environment variables.'),
  });

const ntfy = z.strictObject({
  kind: z.literal('ntfy').describe('Push messages, for the channel push.'),
  url: url.describe('The server: https://ntfy.sh, or your own.'),
  token: secret.optional().describe('An access token that may publish: { env: NAME }.'),
});

const webhook = z.strictObject({
  kind: z.literal('webhook').describe('Signed webhooks, for the channel webhook.'),
  secret: secret.describe('What requests are signed with: { env: NAME }.'),
  names: z.boolean().optional().describe('true: colleagues are named in the text. Default false.'),
});

const template = text(2_000);
const templates = z.record(z.string().min(1).max(80), template);
const scalar = z.union([z.string(), z.number(), z.boolean()], { error: WORDS.scalar.message });
const words = z.array(scalar).min(1);
const fieldPath = text(200);

const someVariable = { to: 'x', from: 'x', text: 'x', id: 'x', key: 'x', callback: 'x', encoding: 'x' };

/** An address with `${NAME}` and `{placeholder}` in it. */
const templateUrl = z.string({ error: WORDS.templateUrl.message }).refine(
  (value) => {
    const variables = Object.fromEntries(variablesIn(value).map((name) => [name, 'x']));
    return url.safeParse(fill(value, someVariable, variables)).success;
  },
  { error: WORDS.templateUrl.message },
);

const json: z.ZodType<JsonValue> = z.json();

const smsGateway = z.strictObject({
  kind: z.literal('sms-gateway').describe('Any SMS gateway with an HTTP interface, for the channel sms.'),
  url: templateUrl,
  method: z.enum(['GET', 'POST', 'PUT']).optional().describe('Default POST.'),
  headers: templates.optional(),
  query: templates.optional().describe('Added to the address.'),
  form: templates.optional().describe('The body as a form.'),
  json: json.optional().describe('The body as JSON; texts in it are filled in.'),
  from: text(40).optional().describe('Your number or name: {from}.'),
  perSecond: z
    .number({ error: WORDS.perSecond.message })
    .min(0.01, { error: WORDS.perSecond.message })
    .max(1_000, { error: WORDS.perSecond.message })
    .optional()
    .describe(
      'Messages that it takes in a second, all workers together; more wait, the most urgent first. Default: no limit.',
    ),
  numbers: z
    .enum(['plus', 'digits', 'zeros'])
    .optional()
    .describe('How numbers are written: +4917…, 4917… or 004917…. Default plus.'),
  encoding: z
    .strictObject({ gsm7: template, ucs2: template })
    .optional()
    .describe('What {encoding} is. Default gsm7 and ucs2.'),
  success: z
    .strictObject({
      status: z
        .array(
          z
            .int({ error: WORDS.httpStatus.message })
            .min(100, { error: WORDS.httpStatus.message })
            .max(599, { error: WORDS.httpStatus.message }),
        )
        .min(1)
        .optional()
        .describe('Default 200 to 299.'),
      path: fieldPath
        .optional()
        .describe('Where in a JSON answer it says whether it was taken: messages.0.status.'),
      values: words.optional().describe('What stands there when it was.'),
      matches: text(400).optional().describe('For other answers: /a regular expression/ of the whole body.'),
    })
    .optional(),
  messageId: fieldPath.optional().describe('Where in a JSON answer its id of the message stands.'),
  errors: z
    .record(z.string().min(1).max(80), z.enum(GATEWAY_FAILURES))
    .optional()
    .describe('What other values at success.path mean.'),
  reports: z
    .strictObject({
      status: fieldPath.describe('Field of the status.'),
      id: fieldPath.optional().describe('Field in which {id} comes back; not needed with {callback}.'),
      messageId: fieldPath.optional().describe('Field of its id of the message.'),
      delivered: words.describe('Statuses that mean: arrived.'),
      failed: words.describe('Statuses that mean: will not arrive.'),
    })
    .optional()
    .describe('Delivery reports, at /hooks/sms/<id>/status.'),
  replies: z
    .strictObject({
      key: secret.describe('What the gateway shows: { env: NAME }.'),
      from: fieldPath.describe('Field of the sender.'),
      text: fieldPath.describe('Field of the text.'),
      id: fieldPath.optional().describe('Field of its id of the reply.'),
      answer: z
        .enum(['sms', 'response'])
        .optional()
        .describe('How what became of it is said: as a message (default), or as the body of the response.'),
    })
    .optional()
    .describe('Replies of people, at /hooks/sms/<id>.'),
});

export const provider = z.discriminatedUnion(
  'kind',
  [ntfy, webhook, smsGateway, place('twilio'), place('smtp')],
  { error: WORDS.providerKind.message },
);
