import type { Actor } from '../../../domain/incident/plan.js';
import type { FoundPerson, Method } from '../../../domain/incident/event.js';
import type { DeliverCommand, FindPeopleCommand } from '../../../domain/incident/command.js';
import type { FoundPeople } from '../../../domain/incident/event.js';
import {
  applyReview,
  openReview,
  type ReviewCommand,
  type ReviewEvent,
} from '../../../domain/review/machine.js';
import type { ReviewAnswer, ReviewInput } from '../../../domain/review/review-types.js';
import type { ReviewState } from '../../../domain/review/state.js';
import { HOUR, SECOND, type Instant } from '../../../domain/time/instant.js';
import { createVirtualMachine, type ScriptedReport } from '../../../simulation/virtual-machine.js';
import { deepFreeze, targetKey } from '../../support/virtual-incident.js';

/** A Friday, 18:00 UTC. */
export const FRIDAY_18 = Date.UTC(2026, 10, 27, 18);

export const INPUT: ReviewInput = {
  openingId: 'o1',
  code: '7KQ2',
  title: 'checkout is down',
  service: 'payments',
  severity: 'SEV1',
  openedAt: FRIDAY_18 - 2 * HOUR,
  resolvedAt: FRIDAY_18,
  owner: { kind: 'user', id: 'alice', name: 'alice' },
  ownerTargets: [{ kind: 'schedule', id: 'payments', slot: 'primary' }],
  urgency: 'high',
  postmortemWithinMs: 48 * HOUR,
  retryMs: 5 * SECOND,
  responders: ['alice'],
};

const sms: Method = { id: 'sms-1', channel: 'sms' };
const email: Method = { id: 'email-1', channel: 'email' };

/** Who is who, by target. */
export const WHO: Readonly<Record<string, readonly string[]>> = {
  'user:alice': ['alice'],
  'manager:alice': ['mara'],
  'schedule:payments:primary': ['paul'],
};

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** "Sat 18:00" */
function words(at: Instant): string {
  const date = new Date(at);
  return `${DAYS[date.getUTCDay()] ?? ''} ${date.toISOString().slice(11, 16)}`;
}

/** A review in virtual time. `log` has one line for each message: `Sat 18:00 alice sms: postmortem-reminder`. */
export function createVirtualReview(
  input: ReviewInput = INPUT,
  options: {
    readonly who?: Readonly<Record<string, readonly string[]>>;
    /** Whether a message by this channel fails; default none. */
    readonly fails?: (channel: string, attempt: number) => 'later' | 'for-good' | null;
    readonly openedAt?: Instant;
  } = {},
) {
  let now = options.openedAt ?? input.resolvedAt;
  const log: string[] = [];
  const commands: ReviewCommand[] = [];
  const machine = createVirtualMachine<ReviewState, ReviewEvent, ReviewCommand>(
    openReview(deepFreeze(input), now),
    {
      apply: applyReview,
      world: { find, deliver },
      now: () => now,
      onCommand: (command) => void commands.push(command),
      onEvent: deepFreeze,
      onState: deepFreeze,
    },
  );
  machine.hear();

  function find(command: FindPeopleCommand): FoundPeople {
    const ids = command.targets.flatMap((target) => (options.who ?? WHO)[targetKey(target)] ?? []);
    const people = ids.map((id): FoundPerson => ({
      userId: id,
      name: id,
      via: 'x',
      rules: [],
      notice: [sms, email],
    }));
    return {
      people,
      problems: ids.length === 0 ? [`nobody is ${command.targets.map(targetKey).join()}`] : [],
    };
  }

  function deliver(command: DeliverCommand): readonly ScriptedReport[] {
    const { channel } = command.method;
    log.push(`${words(now)} ${command.userId} ${channel}: ${command.message.parts[0].type}`);
    const failure = options.fails?.(channel, command.attempt) ?? null;
    const facts = { deliveryId: command.deliveryId, provider: 'x' };
    if (failure === null) return [{ afterMs: 0, report: { ...facts, status: 'sent' } }];
    const retryable = failure === 'later';
    return [{ afterMs: 0, report: { ...facts, status: 'failed', reason: 'unavailable', retryable } }];
  }

  function state(): ReviewState {
    return machine.state();
  }

  return {
    state,
    log,
    commands,
    feed: (event: ReviewEvent) => machine.feed(event),
    /** Hours after the resolution. */
    advanceTo(hours: number): void {
      const until = input.resolvedAt + hours * HOUR;
      for (;;) {
        const next = machine.nextAt();
        if (next > until) break;
        now = Math.max(now, next);
        machine.feed({ type: 'time' });
      }
      now = until;
    },
    /** Time passes, and nobody looks until its end. */
    outageUntil(hours: number): void {
      now = input.resolvedAt + hours * HOUR;
      machine.feed({ type: 'time' });
    },
    publish(requestId = 'r1', by: Actor = { kind: 'user', id: 'alice', name: 'alice' }): ReviewAnswer {
      machine.feed({
        type: 'action',
        action: {
          action: 'publish-postmortem',
          requestId,
          requestHash: `hash of ${requestId}`,
          by,
          url: 'https://wiki.example/pm',
        },
      });
      const given = state().answers.find((answer) => answer.requestId === requestId);
      if (given === undefined) throw new Error('No answer.');
      return given.answer;
    },
    timeline: (...types: string[]) =>
      state()
        .timeline.filter((entry) => types.includes(entry.type))
        .map((entry) => `${words(entry.at)} ${entry.type}`),
  };
}
