/** What is wrong with a value, and how to mend it. */
export interface Words {
  /** Continues "`path`: …", e.g. "is not a duration". */
  readonly message: string;
  readonly remedy: string;
}

/** Every sentence that the schema itself can say about a value. No value is ever repeated in them: it may be a secret. */
export const WORDS = {
  duration: {
    message: 'is not a duration',
    remedy: 'Write a number with its unit, at most 400 days in all: 30s, 5m, 1h30m, 48h, 7d.',
  },
  positiveDuration: {
    message: 'must be longer than nothing',
    remedy: 'Write at least 1ms, usually minutes: 5m.',
  },
  durationOrOff: {
    message: 'is neither a duration nor off',
    remedy: 'Write a duration such as 30m or 48h, or off to go without.',
  },
  id: {
    message: 'is not an id',
    remedy: 'Use 1 to 40 letters, digits, dots, dashes or underscores, beginning with a letter or digit.',
  },
  severityId: {
    message: 'is not a severity id',
    remedy: 'Use 1 to 12 letters, digits, dots, dashes or underscores, beginning with a letter: SEV1.',
  },
  text: {
    message: 'is not a text',
    remedy: 'Write a text, in quotes when it looks like a number or a date.',
  },
  zone: {
    message: 'is not a time zone',
    remedy: 'Write an IANA name such as Europe/Berlin, America/New_York or UTC.',
  },
  phone: {
    message: 'is not a phone number in E.164 form',
    remedy: 'Write plus, country code and number without spaces, in quotes: "+12025550101".',
  },
  email: { message: 'is not an email address', remedy: 'Write an address such as alice@example.com.' },
  contact: {
    message: 'is neither a phone number nor an email address',
    remedy: 'Write "+12025550101" for sms and voice, or alice@example.com for email.',
  },
  url: { message: 'is not a link', remedy: 'Write a whole address that begins with https:// or http://.' },
  time: {
    message: 'is not a time of day',
    remedy: 'Write hours and minutes with two digits each, in quotes: "09:00".',
  },
  closingTime: {
    message: 'is not a closing time',
    remedy: 'Write hours and minutes with two digits each, in quotes: "17:00"; "24:00" is midnight.',
  },
  moment: {
    message: 'is not a date and time',
    remedy:
      'Write it on the clock of the zone, or with an offset: "2026-12-01 22:00", 2026-12-01T22:00+01:00.',
  },
  date: { message: 'is not a date', remedy: 'Write year-month-day of a day that exists: 2026-01-05.' },
  day: { message: 'is not a day of the week', remedy: 'Write monday or mon, tuesday or tue, …' },
  days: {
    message: 'is neither a day of the week nor a range of days',
    remedy: 'Write monday, mon, or a range such as mon-fri.',
  },
  target: {
    message: 'is not a target',
    remedy:
      'Write user:<id>, schedule:<id>/primary, schedule:<id>/secondary, team:<id>, group:<id> or manager:<user id>.',
  },
  environmentName: {
    message: 'is not the name of an environment variable',
    remedy: 'Use upper-case letters, digits and underscores: { env: TOCSIN_KEY_ALERTMANAGER }.',
  },
  inlineSecret: {
    message: 'holds a key in the file itself',
    remedy:
      'Put the key into an environment variable, name it here — key: { env: TOCSIN_KEY_… } — and replace the key: it was written down.',
  },
  groupChannel: {
    message: 'is not a channel of a group',
    remedy: 'Use sms, push, email or webhook: a group is never called.',
  },
  topic: {
    message: 'is not an ntfy topic',
    remedy:
      'Write 1 to 64 letters, digits, dashes or underscores that nobody guesses, or name an environment variable that holds them: { env: TOCSIN_TOPIC_ALICE }.',
  },
  webhookUrl: {
    message: 'is not a web address',
    remedy:
      'Write a whole address that begins with https://, or name an environment variable that holds it: { env: TOCSIN_HOOK_ALICE }.',
  },
  addressByReference: {
    message: 'is a reference where the number or address itself belongs',
    remedy: 'Write it out; only push and webhook take { env: NAME }.',
  },
  providerKind: {
    message: 'is not a kind of provider',
    remedy: 'Write kind: with ntfy, webhook, sms-gateway, twilio or smtp.',
  },
  providerId: {
    message: 'is not the id of a provider',
    remedy: 'Use 1 to 40 letters, digits, dots, dashes or underscores, beginning with a letter: sms-eu.',
  },
  templateUrl: {
    message: 'is not a link',
    remedy:
      'Write a whole address that begins with https://; ${NAME} in it is an environment variable, {to} a placeholder.',
  },
  perSecond: {
    message: 'is not a rate',
    remedy: 'Write how many messages a second, 0.01 to 1000; leave it out for no limit.',
  },
  httpStatus: { message: 'is not an HTTP status', remedy: 'Write a whole number from 100 to 599.' },
  scalar: { message: 'is not a text or a number', remedy: 'Write a text, a number, true or false.' },
  matchValue: {
    message: 'is not something a label can be',
    remedy: 'Write a text, a number, /a regular expression/, or a list of them.',
  },
  regex: {
    message: 'is not a regular expression',
    remedy:
      'Between the slashes stands a JavaScript regular expression that matches the whole value: /pay.*/.',
  },
  nestedRegex: {
    message: 'repeats something that repeats or chooses itself, which can block Tocsin on a long label',
    remedy:
      'Write it without a repetition around another one or around alternatives: /a+b/ for /(a+)+b/, /[ab]+/ for /(a|b)+/; or list several values.',
  },
  secondary: {
    message: 'is not a secondary',
    remedy:
      'Write next, none, a rotation { type, handover, start, participants }, or several: { rotations: [...] }.',
  },
  handoff: {
    message: 'is neither on, off nor settings of hand-overs',
    remedy: 'Write handoff: off, or { call: 30m, owner: "user:erin" } with what differs from the defaults.',
  },
  groupByPagerDuty: {
    message: 'cannot go with kind pagerduty',
    remedy: 'Leave groupBy out: a PagerDuty event names its incident by its dedup key.',
  },
  countOrOff: {
    message: 'is neither a whole number in range nor off',
    remedy: 'Write a whole number from 1 to 100, or off to go without.',
  },
  emptyNight: {
    message: 'is when the night begins as well, so there is none',
    remedy: 'Write from when to when it is night: { from: "22:00", to: "07:00" }.',
  },
  count: { message: 'is not a whole number in range', remedy: 'Write a whole number from 1 to 100.' },
} as const satisfies Readonly<Record<string, Words>>;

/** The remedy that belongs to a message of {@link WORDS}; undefined when the message is none of them. */
export function remedyOf(message: string): string | undefined {
  return Object.values(WORDS).find((words) => words.message === message)?.remedy;
}
