import { MINUTE, type Instant } from '../time/instant.js';
import { CODE_GOOD_MS } from '../contacts/proof.js';
import type { Letter } from './letter.js';
import { cut, oneLine } from './text.js';

/** What stands in front of everything that is only a test, in every channel. */
export const TEST_MARK = '[TEST]';

const TEST_GOOD_MS = 10 * MINUTE;
const NAME = 60;

/** A code for a contact method. `{code}` becomes the code where it is sent. @param id the request's: without personal data */
export function verificationLetter(id: string): Letter {
  const minutes = Math.round(CODE_GOOD_MS / MINUTE);
  return {
    kind: 'letter',
    topic: 'verification',
    id,
    subject: 'Your Tocsin code',
    short: `Your Tocsin code is {code}. It is good for ${minutes} minutes.`,
    body: [
      'Somebody asked Tocsin to confirm that this address leads to you, so that incidents can be paged to it.',
      'Your code is {code}.',
      `It is good for ${minutes} minutes. If you do not know what this is about, ignore it: without the code nothing changes.`,
    ],
    validForMs: CODE_GOOD_MS,
  };
}

/**
 * A test page. It goes by the ways of a real one, and says in its first word that it is none.
 * @param asked who asked for it, for people
 */
export function testLetter(id: string, asked: string, at: Instant): Letter {
  const who = cut(oneLine(asked), NAME);
  const when = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  return {
    kind: 'letter',
    topic: 'test',
    id,
    subject: `${TEST_MARK} Test page from Tocsin`,
    short: `${TEST_MARK} Test page from Tocsin, asked for by ${who}. Nothing is wrong; there is nothing to do.`,
    body: [
      `${TEST_MARK} This is a test page from Tocsin. ${who} asked for it at ${when} UTC.`,
      'Nothing is wrong, no incident is open because of it, and there is nothing to do. A real page would have reached you this way.',
    ],
    validForMs: TEST_GOOD_MS,
  };
}
