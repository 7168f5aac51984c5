import type { Activities, DeliverInput, FindPeopleInput } from '../../activities/contracts.js';
import type { DeliveryReport, FoundPerson } from '../../domain/incident/event.js';
import { MINUTE } from '../../domain/time/instant.js';

/** The rules of everybody in spec/scenarios.md: SMS at once, a call after 1 minute, again after 3. */
export function personOf(userId: string): FoundPerson {
  const sms = { id: 'sms-1', channel: 'sms' } as const;
  const voice = { id: 'voice-1', channel: 'voice' } as const;
  return {
    userId,
    name: userId,
    via: 'named in the policy',
    rules: [
      { afterMs: 0, methods: [sms] },
      { afterMs: MINUTE, methods: [voice] },
      { afterMs: 3 * MINUTE, methods: [voice] },
    ],
    notice: [sms, { id: 'email-1', channel: 'email' }],
  };
}

/** A room with one number and no voice. */
function roomOf(id: string): FoundPerson {
  const sms = { id: 'sms-1', channel: 'sms' } as const;
  return { userId: `group:${id}`, name: id, via: id, rules: [{ afterMs: 0, methods: [sms] }], notice: [sms] };
}

export interface RecordedActivities extends Activities {
  /** Everything that was handed to a provider, in order. */
  readonly delivered: (DeliverInput & { readonly at: number })[];
}

/** Activities that stand for the world in workflow tests: everybody is found, every delivery is taken, all is written down. */
export function createRecordedActivities(now: () => Promise<number>): RecordedActivities {
  const delivered: (DeliverInput & { readonly at: number })[] = [];
  return {
    delivered,
    findPeople({ targets }: FindPeopleInput) {
      const people = targets.flatMap((target) => {
        switch (target.kind) {
          case 'user':
            return [personOf(target.id)];
          case 'group':
            return [roomOf(target.id)];
          case 'manager':
            return target.of.map((id) => personOf(`manager-of-${id}`));
          case 'schedule':
          case 'team':
            return [];
          default:
            return target satisfies never;
        }
      });
      return Promise.resolve({ people, problems: [] });
    },
    async deliver(input: DeliverInput): Promise<DeliveryReport> {
      delivered.push({ ...input, at: await now() });
      return {
        deliveryId: input.deliveryId,
        provider: 'test',
        providerId: `test-${input.deliveryId}-${input.attempt}`,
        status: 'sent',
      };
    },
    withdraw: () => Promise.resolve(),
    findPrevious: () => Promise.resolve(null),
  };
}
