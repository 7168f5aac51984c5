import type { CallLine } from './call-line.js';
import { describeFault } from './faults.js';
import type { BoothState } from './state.js';
import type { BoothPerson, MailRecord, SmsRecord } from './types.js';

/** One thing on a person's card, oldest first. */
export type CardItem =
  | { kind: 'sms'; at: Date; sms: SmsRecord }
  | { kind: 'call'; at: Date; call: CallLine }
  | { kind: 'mail'; at: Date; mail: MailRecord };

/** What the page shows of one person. */
export interface Card {
  /** Unique on the page and usable as an element id. */
  key: string;
  name: string;
  /** E.164 numbers seen or configured. */
  numbers: string[];
  addresses: string[];
  items: CardItem[];
  /** Ringing, or being talked on. */
  live: CallLine[];
  /** What is broken for this person, one sentence each. */
  faults: string[];
  optedOut: boolean;
}

/** Items per card; what is older is in `/booth/api/state`. */
const itemsPerCard = 40;

/**
 * The cards of everybody who is configured or was written to. Those with something to show come first; apart
 * from that their order never changes, so that a button does not move under a finger.
 */
export function cardsOf(state: BoothState): Card[] {
  const cards: Card[] = [];
  const byContact = new Map<string, Card>();
  const addCard = (person: BoothPerson): Card => {
    const card: Card = {
      key: `card-${cards.length}`,
      name: person.name,
      numbers: person.contacts.filter((contact) => contact.startsWith('+')),
      addresses: person.contacts.filter((contact) => !contact.startsWith('+')).map((it) => it.toLowerCase()),
      items: [],
      live: [],
      faults: [],
      optedOut: false,
    };
    cards.push(card);
    for (const contact of [...card.numbers, ...card.addresses]) byContact.set(contact, card);
    return card;
  };
  const cardOf = (contact: string): Card =>
    byContact.get(contact) ?? addCard({ name: contact, contacts: [contact] });

  state.settings.people.forEach(addCard);
  const everything = [...state.messages.items, ...state.calls.items, ...state.mails.items];
  for (const item of everything.sort((a, b) => a.seq - b.seq)) {
    if ('subject' in item) {
      for (const address of item.to) cardOf(address).items.push({ kind: 'mail', at: item.at, mail: item });
    } else if ('transcript' in item) {
      const card = cardOf(item.to);
      if (item.endedAt === undefined) card.live.push(item);
      else card.items.push({ kind: 'call', at: item.createdAt, call: item });
    } else {
      const card = cardOf(item.direction === 'inbound' ? item.from : item.to);
      card.items.push({ kind: 'sms', at: item.createdAt, sms: item });
    }
  }
  for (const card of cards) {
    const contacts = [...card.numbers, ...card.addresses];
    card.items = card.items.slice(-itemsPerCard);
    card.optedOut = card.numbers.some((number) => state.sms.optedOut.has(number));
    card.faults = state.faults.inForce
      .filter(({ fault }) => fault.to !== undefined && contacts.includes(fault.to.toLowerCase()))
      .map(describeFault);
  }
  const isQuiet = (card: Card): boolean => card.items.length === 0 && card.live.length === 0;
  return [...cards.filter((card) => !isQuiet(card)), ...cards.filter(isQuiet)];
}
