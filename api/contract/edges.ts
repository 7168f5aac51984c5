import { z } from 'zod';
import { CONDITIONAL, NOT_MODIFIED, TAGGED } from '../etag.js';
import { CHANGE_EVENTS_PATH } from '../intake/pagerduty-answers.js';
import { pathOf, type Sender } from '../intake/sender.js';
import { senders } from '../intake/senders.js';
import type { Contract, ContractAnswer } from './contract.js';
import { acceptedSchema } from './schemas.js';

/**
 * The contracts of routes that serve others' protocols: senders of alerts, Twilio, and browsers. These routes read what
 * comes in by themselves; what stands here is for the document, by the schemas that they read with.
 */
export function edgeContracts(): ReadonlyMap<string, Contract> {
  return new Map<string, Contract>([
    ...Object.values(senders).map((sender) => [`POST ${pathOf(sender)}`, senderContract(sender)] as const),
    [`POST ${CHANGE_EVENTS_PATH}`, changeEvents],
    ...Object.entries(HOOKS),
    ...Object.entries(LINKS),
    ...Object.entries(HANDOFF_LINKS),
  ]);
}

const accepted: ContractAnswer = {
  description: 'Durable: Temporal has all of it. Sending the same again changes nothing.',
  body: acceptedSchema,
};

/** What PagerDuty's clients expect. Source: https://developer.pagerduty.com/docs/events-api-v2-overview */
const pagerDuty: Readonly<Record<number, ContractAnswer>> = {
  202: {
    description: 'Durable: Temporal has it. An acknowledge or a resolve of nothing is accepted as well.',
    body: z.object({ status: z.literal('success'), message: z.string(), dedup_key: z.string() }),
  },
  400: { description: 'The event can not be read, or its key is not known.', body: pagerDutyError() },
  413: { description: 'The event is larger than 5 MB.', body: pagerDutyError() },
  429: {
    description: 'As 503, for PagerDuty’s own library for JavaScript: it sends again after a 429 only.',
    body: pagerDutyError(),
  },
  500: { description: 'A bug of ours.', body: pagerDutyError() },
  503: { description: 'Temporal can not be reached: send it again.', body: pagerDutyError() },
};

function pagerDutyError() {
  return z.object({ status: z.string(), message: z.string(), errors: z.array(z.string()) });
}

const changeEvents: Contract = {
  tag: 'alerts',
  summary: 'Refuse change events of PagerDuty’s clients',
  description: 'They are not kept yet.',
  auth: 'none',
  answers: { 404: { description: 'Always.', body: pagerDutyError() } },
  ownErrors: true,
};

const SENDER_NAMES: Readonly<Record<Sender['kind'], string>> = {
  alertmanager: 'Prometheus Alertmanager',
  generic: 'anything that can send JSON',
  grafana: 'Grafana alerting',
  pagerduty: 'PagerDuty’s Events API v2',
};

function senderContract(sender: Sender): Contract {
  const own = sender.answers !== undefined;
  return {
    tag: 'alerts',
    summary: `Take alerts of ${SENDER_NAMES[sender.kind]}`,
    description:
      sender.byBody === undefined
        ? 'The key is that of an integration of this kind.'
        : own
          ? 'The key of the integration stands in the body.'
          : 'The key of the integration comes as bearer token, or as password with Basic, or the body is signed with it.',
    auth: own ? 'routing-key' : 'integration-key',
    body: { schema: sender.body },
    answers: own ? pagerDuty : { 202: accepted },
    errors: ['forged-signature', 'temporal-unavailable', 'overloaded'],
    ownErrors: own,
  };
}

const twiml: ContractAnswer = {
  description: 'TwiML: what is said back.',
  type: 'text/xml',
  body: z.string(),
};
const twilioForm = z.record(z.string(), z.string()).describe('The fields that Twilio posts.');
const callbackToken = z.object({
  t: z.string().optional().describe('Our token: what the callback is about.'),
});

const gatewayId = { gateway: z.string().describe('Id of the gateway in the configuration.') };
const gatewayFields = z.record(z.string(), z.string()).describe('The fields that the gateway posts.');

const HOOKS: Readonly<Record<string, Contract>> = {
  'POST /hooks/twilio/sms': {
    tag: 'hooks',
    summary: 'Take a person’s reply by SMS',
    auth: 'twilio-signature',
    body: { schema: twilioForm, type: 'application/x-www-form-urlencoded' },
    answers: { 200: twiml },
  },
  'POST /hooks/twilio/voice': {
    tag: 'hooks',
    summary: 'Say what a call is about, and take a pressed key',
    auth: 'twilio-signature',
    query: callbackToken,
    body: { schema: twilioForm, type: 'application/x-www-form-urlencoded' },
    answers: { 200: twiml },
    errors: ['forged-token', 'expired-token'],
  },
  'POST /hooks/twilio/status': {
    tag: 'hooks',
    summary: 'Hear what became of a message or a call',
    auth: 'twilio-signature',
    query: callbackToken,
    body: { schema: twilioForm, type: 'application/x-www-form-urlencoded' },
    answers: { 204: { description: 'Taken.' } },
    errors: ['forged-token', 'temporal-unavailable'],
  },
  'POST /hooks/sms/:gateway': {
    tag: 'hooks',
    summary: 'Take a person’s reply that came in by an SMS gateway',
    description: 'Fields are named in the configuration: `providers.<id>.replies`. JSON does as well.',
    auth: 'gateway-key',
    params: gatewayId,
    body: { schema: gatewayFields, type: 'application/x-www-form-urlencoded' },
    answers: {
      200: {
        description: 'What is said back, with `answer: response`.',
        type: 'text/plain',
        body: z.string(),
      },
      204: { description: 'Taken; what is said back goes by SMS.' },
    },
    errors: ['not-found'],
  },
  'POST /hooks/sms/:gateway/status': {
    tag: 'hooks',
    summary: 'Hear from an SMS gateway what became of a message',
    description:
      'Fields are named in the configuration: `providers.<id>.reports`. JSON does as well. The token in the address, or in the field, says about what; there is no other key.',
    auth: 'none',
    params: gatewayId,
    query: callbackToken,
    body: { schema: gatewayFields, type: 'application/x-www-form-urlencoded' },
    answers: { 204: { description: 'Taken.' } },
    errors: ['not-found', 'forged-token', 'temporal-unavailable'],
  },
};

const page = (description: string): ContractAnswer => ({ description, type: 'text/html', body: z.string() });
const pages = {
  403: page('The token is forged, made for something else, or its person is gone.'),
  404: page('The token is cut off, or the incident is no longer kept.'),
  410: page('The token has expired.'),
  500: page('A bug of ours.'),
  503: page('Temporal, or a worker, is away.'),
} as const;
const token = z
  .string()
  .describe('The signed token of a message: good for a week, for one person and one incident.');

const LINKS: Readonly<Record<string, Contract>> = {
  'GET /i/:token': {
    tag: 'links',
    summary: 'Show the incident of a link',
    description: 'Changes nothing: mail scanners and chat previews open links.',
    auth: 'link',
    params: { token },
    answers: { 200: page('The incident, with buttons.'), ...pages },
    ownErrors: true,
  },
  'GET /i/:token/live': {
    tag: 'links',
    summary: 'The part of the page that changes',
    description: 'For the script of the page.',
    auth: 'link',
    params: { token },
    headers: { 'if-none-match': 'The `ETag` of what is shown.' },
    answers: {
      200: { ...page('A fragment of HTML.'), headers: { etag: 'Changes when the page would.' } },
      304: { description: 'Nothing has changed.' },
      ...pages,
    },
    ownErrors: true,
  },
  'GET /i/live.js': {
    tag: 'links',
    summary: 'The script of the page',
    auth: 'none',
    headers: CONDITIONAL,
    answers: {
      200: {
        description: 'It keeps the page fresh.',
        type: 'text/javascript',
        body: z.string(),
        headers: TAGGED,
      },
      ...NOT_MODIFIED,
    },
  },
  'POST /i/:token': {
    tag: 'links',
    summary: 'Press a button of the page',
    auth: 'link',
    params: { token },
    body: {
      schema: z.object({
        action: z.string().describe('The button.'),
        nonce: z.string().describe('From the page: a form sent twice counts once.'),
      }),
      type: 'application/x-www-form-urlencoded',
    },
    answers: {
      200: page('What was done, and the incident as it is now.'),
      202: page('Noted: a confirmation follows.'),
      400: page('Nothing was done: the form is not one of ours.'),
      409: page('That incident is over.'),
      413: page('The form is too large.'),
      415: page('The body is no form.'),
      ...pages,
    },
    ownErrors: true,
  },
};

const HANDOFF_LINKS: Readonly<Record<string, Contract>> = {
  'GET /h/:token': {
    tag: 'links',
    summary: 'Show the hand-over of a link',
    description: 'Changes nothing: mail scanners open links.',
    auth: 'link',
    params: { token },
    answers: { 200: page('The hand-over, with a button while it can be confirmed.'), ...pages },
    ownErrors: true,
  },
  'POST /h/:token': {
    tag: 'links',
    summary: 'Confirm the hand-over of a link',
    auth: 'link',
    params: { token },
    body: {
      schema: z.object({ action: z.literal('confirm') }),
      type: 'application/x-www-form-urlencoded',
    },
    answers: {
      200: page('It is confirmed; twice is as good as once.'),
      400: page('Nothing was done: the form is not one of ours.'),
      409: page('It is over, or somebody else comes on duty.'),
      413: page('The form is too large.'),
      415: page('The body is no form.'),
      ...pages,
    },
    ownErrors: true,
  },
};
