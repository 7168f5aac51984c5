import { methodsOfUser } from '../contacts.js';
import { closest } from '../closest.js';
import { entriesOf, entryOf, itemsOf, textsOf } from '../raw.js';
import { isPhone } from '../schema/leaves.js';
import { user as userSchema } from '../schema/people.js';
import { channelsOf } from '../reach.js';
import type { Check, Report } from './check.js';

const CHANNELS = ['sms', 'voice', 'push', 'email', 'webhook'];

/** Somebody without a phone, an address or a method can be on call and never hear of it. */
const everyoneReachable: Check = (raw, report) => {
  for (const [id, user] of entriesOf(entryOf(raw, 'users'))) {
    if (channelsOf(user).length === 0) {
      report('error', ['users', id], 'key', {
        message: 'has no way to be paged',
        remedy: 'Give this user a phone: "+12025550101" or an email: alice@example.com.',
      });
    } else if (channelsOf(user).every((channel) => channel === 'email')) {
      report('warning', ['users', id], 'key', {
        message: 'can be paged by email only, which wakes nobody',
        remedy: 'Give this user a phone.',
      });
    }
    if (entryOf(user, 'manager') === id) {
      report('error', ['users', id, 'manager'], 'value', {
        message: 'is the user itself',
        remedy: 'Name somebody else, or remove the manager.',
      });
    }
  }
};

/** A channel says what its address must be. */
const addressesFit: Check = (raw, report) => {
  const look = (section: string, list: string): void => {
    for (const [id, entry] of entriesOf(entryOf(raw, section))) {
      const seen = new Set<string>();
      for (const [index, contact] of itemsOf(entryOf(entry, list)).entries()) {
        const to = entryOf(contact, 'to');
        const at = [section, id, list, index];
        const channel = entryOf(contact, 'channel');
        const isElsewhere = channel === 'push' || channel === 'webhook';
        if (!isElsewhere && typeof to === 'string' && (isPhone(to) || to.includes('@'))) {
          const needsPhone = channel !== 'email';
          if (needsPhone !== isPhone(to)) {
            report('error', [...at, 'to'], 'value', {
              message: needsPhone
                ? 'is an address where a phone number belongs'
                : 'is a phone number where an address belongs',
              remedy: needsPhone
                ? 'Write the number in E.164: "+12025550101".'
                : 'Write an address such as ops@example.com.',
            });
          }
        }
        const own = entryOf(contact, 'id');
        if (typeof own === 'string' && seen.has(own)) {
          report('error', [...at, 'id'], 'value', {
            message: 'is already the id of another contact here',
            remedy: 'Give each contact an id of its own.',
          });
        }
        if (typeof own === 'string') seen.add(own);
      }
    }
  };
  look('users', 'methods');
  look('groups', 'contacts');
};

/** An answer by SMS is told apart by its number. */
const phonesDiffer: Check = (raw, report) => {
  const owners = new Map<string, string>();
  const look = (number: unknown, owner: string, at: readonly (string | number)[]): void => {
    if (typeof number !== 'string' || !isPhone(number)) return;
    const first = owners.get(number);
    if (first === undefined) owners.set(number, owner);
    else if (first !== owner) {
      report('error', at, 'value', {
        message: `is already a number of ${first}, so that an answer from it could be anybody's`,
        remedy: 'Give each person a number of their own.',
      });
    }
  };
  for (const [id, user] of entriesOf(entryOf(raw, 'users'))) {
    const at = ['users', id];
    look(entryOf(user, 'phone'), `user ${id}`, [...at, 'phone']);
    itemsOf(entryOf(user, 'phones')).forEach((number, index) =>
      look(number, `user ${id}`, [...at, 'phones', index]),
    );
    itemsOf(entryOf(user, 'methods')).forEach((method, index) =>
      look(entryOf(method, 'to'), `user ${id}`, [...at, 'methods', index, 'to']),
    );
  }
  for (const [id, group] of entriesOf(entryOf(raw, 'groups'))) {
    itemsOf(entryOf(group, 'contacts')).forEach((contact, index) =>
      look(entryOf(contact, 'to'), `group ${id}`, ['groups', id, 'contacts', index, 'to']),
    );
  }
};

function checkVia(
  notify: unknown,
  names: readonly string[],
  at: readonly (string | number)[],
  report: Report,
): void {
  for (const urgency of ['high', 'low']) {
    itemsOf(entryOf(notify, urgency)).forEach((rule, ruleIndex) => {
      itemsOf(entryOf(rule, 'via')).forEach((name, index) => {
        if (typeof name !== 'string' || names.includes(name)) return;
        const meant = closest(name, names);
        report('error', [...at, 'notify', urgency, ruleIndex, 'via', index], 'value', {
          message: `there is no channel or contact method ${JSON.stringify(name)} here`,
          remedy:
            meant === undefined
              ? `Use one of: ${names.join(', ')}.`
              : `Did you mean ${JSON.stringify(meant)}?`,
        });
      });
    });
  }
}

const contactsSchema = userSchema.pick({ methods: true, phone: true, phones: true, push: true, email: true });

/** A notification rule names what exists. */
const rulesNameMethods: Check = (raw, report) => {
  checkVia(entryOf(entryOf(raw, 'defaults'), 'notify'), CHANNELS, ['defaults'], report);
  for (const [id, user] of entriesOf(entryOf(raw, 'users'))) {
    const parsed = contactsSchema.safeParse(
      Object.fromEntries(entriesOf(user).filter(([key]) => key in contactsSchema.shape)),
    );
    // With broken contacts nobody can say which ids there will be.
    if (!parsed.success) continue;
    const methods = methodsOfUser(parsed.data);
    checkVia(
      entryOf(user, 'notify'),
      [...CHANNELS, ...methods.map((method) => method.id)],
      ['users', id],
      report,
    );
  }
};

/** A group is its members, its own contacts, or both. */
const groupsHoldSomebody: Check = (raw, report) => {
  for (const [id, group] of entriesOf(entryOf(raw, 'groups'))) {
    if (textsOf(entryOf(group, 'members')).length > 0 || itemsOf(entryOf(group, 'contacts')).length > 0)
      continue;
    report('error', ['groups', id], 'key', {
      message: 'has nobody in it',
      remedy: 'List members: [alice], or contacts: [{ channel: sms, to: "+12025550199" }].',
    });
  }
};

export const PEOPLE_CHECKS: readonly Check[] = [
  everyoneReachable,
  addressesFit,
  phonesDiffer,
  rulesNameMethods,
  groupsHoldSomebody,
];
