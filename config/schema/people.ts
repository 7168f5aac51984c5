import * as z from 'zod';
import { contactAddress, pushTopic, whyNotAddress } from './contact-address.js';
import { duration, email, id, phone, text, zone } from './leaves.js';
import { WORDS } from './words.js';

const channel = z.enum(['sms', 'voice', 'push', 'email', 'webhook']);

const trusted = z
  .boolean()
  .optional()
  .describe('Whether it counts without a code typed back. Default: defaults.contactMethods.');

const contact = z
  .strictObject({
    id: id.optional().describe('Default: the channel and a number, e.g. sms-1.'),
    trusted,
    channel,
    to: contactAddress.describe(
      'E.164 for sms and voice, an address for email, a topic for push, a URL for webhook; the last two also by reference: { env: NAME }.',
    ),
  })
  .superRefine(whyNotAddress);

const rule = z.strictObject({
  after: duration.describe('How long after the page began.'),
  via: z
    .array(id)
    .min(1)
    .describe(
      'Channels (sms, voice, push, email, webhook: every method of that channel) or ids of contact methods.',
    ),
});

/** When each contact method of a person is used, per urgency. */
export const notify = z.strictObject({
  high: z.array(rule).min(1).optional(),
  low: z.array(rule).min(1).optional(),
});

export const user = z.strictObject({
  name: text(80),
  email: email.optional(),
  phone: phone.optional().describe('E.164, in quotes. Used for sms and voice.'),
  phones: z.array(phone).min(1).optional().describe('Several numbers, best first.'),
  zone: zone.optional().describe('IANA time zone. Default: defaults.zone.'),
  manager: id.optional().describe('User id.'),
  holidays: id
    .optional()
    .describe('A list of holidays: when this person has some. Default: those of the schedule.'),
  push: pushTopic.optional().describe('ntfy topic, or { env: NAME }.'),
  methods: z
    .array(contact)
    .min(1)
    .optional()
    .describe('Default: sms and voice to each phone, then push and email.'),
  trusted,
  notify: notify.optional().describe('Default: defaults.notify.'),
});

const groupChannel = z.enum(['sms', 'push', 'email', 'webhook'], { error: WORDS.groupChannel.message });

export const group = z.strictObject({
  name: text(80).optional(),
  members: z.array(id).optional().describe('User ids.'),
  contacts: z
    .array(
      z
        .strictObject({ id: id.optional(), channel: groupChannel, to: contactAddress })
        .superRefine(whyNotAddress),
    )
    .optional()
    .describe('Contacts of the group itself, e.g. the number of an ops room.'),
  channels: z.array(groupChannel).min(1).optional().describe('Default: all of them. Never voice.'),
});

export const team = z.strictObject({
  name: text(80).optional(),
  members: z.array(id).min(1).describe('User ids.'),
  policy: id.optional().describe('Policy of the services of this team that name none.'),
});
