import { createLetters } from '../../api/contacts/letters.js';
import type { Letter } from '../../domain/messages/letter.js';
import type { LetterReport, LetterStart } from '../../domain/messages/letter-report.js';
import { MINUTE } from '../../domain/time/instant.js';
import { letterWorkflowId } from '../../temporal-config/names.js';
import { PHONES, startSystem } from '../support/running-system.js';
import { saveEnded } from './save-history.js';

/** A letter that leaves at once, one that is tried again while its provider is down, and one that nobody can be written. */
export async function recordLetters(): Promise<void> {
  const system = await startSystem();
  const letters = createLetters({ client: system.client });

  async function write(
    what: string,
    expected: LetterReport['status'],
    to: Pick<LetterStart, 'userId' | 'by'>,
  ): Promise<void> {
    console.log(what);
    await letters.write(what, {
      ...to,
      letter: letterOf(what),
      idempotencyKey: what,
      until: Date.now() + MINUTE,
    });
    const report = await saveEnded(system.client, letterWorkflowId(what), 'letter', what);
    if ((report as LetterReport).status !== expected)
      throw new Error(`The letter ${what} became ${JSON.stringify(report)}.`);
  }

  try {
    await write('sent', 'sent', { userId: 'carol', by: { kind: 'notice', first: 'email' } });
    system.booth.misbehave({ kind: 'http-error', status: 503, channel: 'sms', to: PHONES.alice, times: 1 });
    await write('tried-again', 'sent', { userId: 'alice', by: { kind: 'method', id: 'sms-1' } });
    await write('nobody', 'failed', { userId: 'somebody-else', by: { kind: 'notice' } });
  } finally {
    await system.stop();
  }
}

function letterOf(id: string): Letter {
  const short = 'This is a test of how Tocsin reaches you.';
  return {
    ...{ kind: 'letter', topic: 'test', id: `recorder-${id}`, subject: 'A test', short, body: [short] },
    validForMs: 10 * MINUTE,
  };
}
