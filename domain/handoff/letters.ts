import type { Letter } from '../messages/letter.js';
import { cut, oneLine } from '../messages/text.js';
import type { TimeWords } from '../messages/times.js';
import { DAY, HOUR, type Instant } from '../time/instant.js';
import type { PlannedAnnouncement } from './announce.js';
import { digestParagraphs, openInShort, type DigestFacts, type NamedChange } from './digest.js';

/** What letters about a hand-over are for. */
export type HandoffLetterKind = 'digest-leaving' | 'digest-coming' | 'reminder' | 'unconfirmed' | 'confirmed';

/** What every letter about a hand-over knows. */
export interface HandoffLetterInput {
  readonly id: string;
  readonly code: string;
  readonly change: NamedChange;
  /** Who comes then has what who leaves has open; false: nobody leaves, or only changes to the other place. */
  readonly takesOver: boolean;
  readonly times: TimeWords;
  readonly now: Instant;
}

/** A signed link of the reader's own, and what it does. */
type Action = NonNullable<Letter['action']>;

/** What an SMS may be long: see `Letter.short`. */
const LONGEST_SHORT = 300;

/** "primary of payments" */
export function placeWords({ slot, schedule }: Pick<NamedChange, 'slot' | 'schedule'>): string {
  return `${slot} of ${oneLine(schedule)}`;
}

/** What one reads before a change. */
export function digestLetter(
  input: HandoffLetterInput,
  side: 'leaving' | 'coming',
  facts: DigestFacts,
  extra: { readonly action?: Action; readonly calendar?: NonNullable<Letter['calendar']> },
): Letter {
  const { change, times, now, code } = input;
  const when = times.moment(change.at);
  const begins = change.at > now;
  const first =
    side === 'coming'
      ? `You ${begins ? 'come' : 'came'} on duty as ${placeWords(change)} at ${when}, after ${name(change.leaving)}.`
      : `You ${begins ? 'go' : 'went'} off duty as ${placeWords(change)} at ${when}; ${
          change.coming === null ? 'nobody comes after you' : `${name(change.coming)} takes over`
        }.`;
  const ask = side === 'coming' ? [confirmWords(input)] : [];
  const note =
    side === 'leaving'
      ? ['Something to pass on? `tocsin handoff note` puts it into what the next person reads.']
      : [];
  return {
    ...base(input),
    subject: `Hand-over of ${placeWords(change)} at ${when}`,
    short: short(
      `${first} ${sentence(openInShort(facts))}${side === 'coming' ? ` Reply HANDOFF ${code} to confirm.` : ''}`,
    ),
    body: [first, ...ask, ...digestParagraphs(facts, times, now), ...note],
    ...(extra.action === undefined ? {} : { action: extra.action }),
    ...(extra.calendar === undefined ? {} : { calendar: extra.calendar }),
  };
}

/** The same person, who has not confirmed. */
export function reminderLetter(input: HandoffLetterInput, action: Action): Letter {
  const { change, times, code } = input;
  const first = `You have not confirmed yet that you take over as ${placeWords(change)} at ${times.moment(change.at)}.`;
  return {
    ...base(input),
    subject: `Please confirm: hand-over of ${placeWords(change)}`,
    short: short(`${first} Reply HANDOFF ${code}, or others are told.`),
    body: [first, confirmWords(input), 'Without it the others are told in 10 minutes.'],
    action,
  };
}

/** For those who should know that nobody has confirmed. */
export function unconfirmedLetter(input: HandoffLetterInput): Letter {
  const { change, times, takesOver } = input;
  const first = `${name(change.coming)} has not confirmed the hand-over as ${placeWords(change)} at ${times.moment(change.at)}.`;
  const stays = takesOver ? ` Until then ${name(change.leaving)} keeps what they have open.` : '';
  return {
    ...base(input),
    subject: `Not confirmed: hand-over of ${placeWords(change)}`,
    short: short(`${first} Please reach them.`),
    body: [
      `${first}${stays}`,
      'Please reach them, or put somebody else on call: `tocsin override`. Pages go to whom the schedule names, confirmed or not.',
    ],
  };
}

/** For who leaves: somebody will have it. */
export function confirmedLetter(input: HandoffLetterInput): Letter {
  const { change, times, now, takesOver } = input;
  const from = change.at > now ? ` from ${times.moment(change.at)} on` : '';
  const what = takesOver ? ` What you leave open is theirs${from}.` : '';
  const first = `${name(change.coming)} confirmed the hand-over as ${placeWords(change)}.${what}`;
  return {
    ...base(input),
    subject: `Confirmed: hand-over of ${placeWords(change)}`,
    short: short(first),
    body: [first],
  };
}

/** Somebody comes on duty, or need not. */
export function announcementLetter(
  plan: PlannedAnnouncement,
  reader: PlannedAnnouncement['to'][number]['role'],
  names: { readonly schedule: string; readonly coming: string; readonly until: Instant | null },
  times: TimeWords,
): Letter {
  const place = placeWords({ slot: plan.slot, schedule: names.schedule });
  const from = times.moment(plan.at);
  const until = names.until === null ? '' : ` until ${times.moment(names.until)}`;
  const why = {
    rotation: '',
    override: ' It was arranged by an override.',
    cancelled: ' An override was taken back.',
  }[plan.why];
  const first =
    reader === 'coming'
      ? `You are on call as ${place} from ${from}${until}.${why}`
      : `You are not on call as ${place} from ${from} on: ${name(names.coming)} is.${why}`;
  return {
    kind: 'letter',
    topic: 'announcement',
    id: `announcement-${plan.id}`,
    subject: reader === 'coming' ? `On call: ${place} from ${from}` : `Not on call: ${place} from ${from}`,
    short: short(first),
    body: [
      first,
      reader === 'coming'
        ? 'You can not? Ask somebody to take it and arrange it: `tocsin override` or `tocsin swap`.'
        : 'There is nothing for you to do.',
    ],
    validForMs: DAY,
  };
}

/** Before somebody's first shift: each of their paging methods is tried, so that the first page is not the first try. */
export function firstShiftTest(
  plan: PlannedAnnouncement,
  names: { readonly schedule: string },
  times: TimeWords,
): Letter {
  const place = placeWords({ slot: plan.slot, schedule: names.schedule });
  const first = `[TEST] Tocsin will page you this way. Your first shift as ${place} begins ${times.moment(plan.at)}.`;
  return {
    kind: 'letter',
    topic: 'test',
    id: `first-shift-${plan.id}`,
    subject: `[TEST] Tocsin reaches you: first shift as ${place}`,
    short: short(`${first} Nothing is wrong, nothing to do.`),
    body: [
      `${first} Nothing is wrong, and there is nothing to do.`,
      'This went to each of your ways to be paged: a message or call by each of them should have come. Did one not, or did the phone stay silent? Mend the number or the settings of your phone, and try again with `tocsin contact test`.',
    ],
    validForMs: HOUR,
  };
}

function confirmWords({ change: { leaving, slot }, takesOver, code }: HandoffLetterInput): string {
  const what = takesOver ? `, and have what ${name(leaving)} leaves open` : '';
  return `Please confirm that you take over as ${slot}${what}: press the button, or reply HANDOFF ${code} to a text message.`;
}

function base({ id, change }: HandoffLetterInput): Pick<Letter, 'kind' | 'topic' | 'id' | 'validForMs'> {
  return { kind: 'letter', topic: 'handoff', id: `handoff-${id}-${change.slot}`, validForMs: HOUR };
}

function name(who: string | null): string {
  return who === null ? 'nobody' : oneLine(who);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function short(text: string): string {
  return cut(oneLine(text), LONGEST_SHORT, '...');
}
