import type { Meant, ReplyAction } from './meant-by.js';

/** What is said of an incident in an answer. */
export interface Named {
  /** Empty for the first instants of an incident. */
  readonly code: string;
  readonly service: string;
  readonly title: string;
  readonly ownerName?: string;
}

/** What a reply is answered with that reached no incident: nothing was done. */
export interface Unreached {
  readonly outcome: 'several-open' | 'not-yours' | 'nothing-open';
  readonly sentence: string;
}

/** How many incidents one answer lists. */
const LISTED = 5;

/** "7KQ2 payments: error rate", for lists in answers. */
export function nameOf({ code, service, title }: Named): string {
  const short = title.length > 60 ? `${title.slice(0, 59).trimEnd()}...` : title;
  return `${code === '' ? '(new)' : code} ${service}: ${short}`;
}

/** At most five incidents by name, and how many more there are. */
export function listOf(incidents: readonly Named[]): string {
  const more = incidents.length - LISTED;
  return incidents.slice(0, LISTED).map(nameOf).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** The sentence for an answer to an incident that is over. */
export function overSentence(openNow: readonly Named[]): string {
  return openNow.length === 0
    ? 'That incident is over. Nothing of yours is open now.'
    : `That incident is over; open now: ${listOf(openNow)}.`;
}

/** The answer to ALL of somebody for whose answer nothing waits. */
export const NO_PAGE: Unreached = { outcome: 'nothing-open', sentence: 'No page of yours is open.' };

const NOTHING = 'Nothing of yours is open; nothing was done.';

const WORDS: Readonly<Record<ReplyAction, string>> = {
  acknowledge: 'ACK',
  take: 'TAKE',
  progress: 'OK',
  resolve: 'RESOLVE',
  escalate: 'ESCALATE',
  update: 'UPDATE',
};

/** What somebody hears whose reply without a code does not mean exactly one incident. */
export function unreached(meant: Exclude<Meant<Named>, { readonly kind: 'one' }>): Unreached {
  switch (meant.kind) {
    case 'none':
      return { outcome: 'nothing-open', sentence: NOTHING };
    case 'several': {
      const { action, incidents } = meant;
      const all = meant.all ? ', or ALL' : '';
      return {
        outcome: 'several-open',
        sentence: `${incidents.length} are open, nothing was done yet: ${listOf(incidents)}. Reply ${WORDS[action]} and the code${all}.`,
      };
    }
    case 'others': {
      const { action, incidents } = meant;
      const [only, another] = incidents;
      const isOne = only !== undefined && another === undefined;
      const owner = isOne && only.ownerName !== undefined ? ` (${only.ownerName} has it)` : '';
      const which = isOne && only.code !== '' ? only.code : 'and the code';
      return {
        outcome: 'not-yours',
        sentence: `${NOTHING} Open, but not yours: ${listOf(incidents)}${owner}. Reply ${WORDS[action]} ${which} if you mean ${isOne ? 'it' : 'one of them'}.`,
      };
    }
    default:
      return meant satisfies never;
  }
}
