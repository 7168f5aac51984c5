import { assertNever } from '../domain/assert-never.js';
import type { Target } from '../domain/escalation/policy.js';

/**
 * Reads `user:dan`, `schedule:payments/primary`, `schedule:payments/secondary`, `team:x`, `group:y` and
 * `manager:alice` (several users: `manager:alice,bob`). `schedule:payments` alone means its primary.
 * Null when it is none of these.
 */
export function parseTarget(text: string): Target | null {
  const [, kind, rest = ''] = /^(user|schedule|team|group|manager):(.+)$/.exec(text) ?? [];
  const plain = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
  switch (kind) {
    case 'user':
    case 'team':
    case 'group':
      return plain.test(rest) ? { kind, id: rest } : null;
    case 'manager': {
      const of = rest.split(',');
      return of.every((id) => plain.test(id)) ? { kind, of } : null;
    }
    case 'schedule': {
      const [id = '', slot = 'primary', ...more] = rest.split('/');
      if (!plain.test(id) || more.length > 0 || (slot !== 'primary' && slot !== 'secondary')) return null;
      return { kind, id, slot };
    }
    default:
      return null;
  }
}

/** Targets that the checks have already accepted. Throws a RangeError for anything else. */
export function targetsOf(texts: readonly string[]): readonly Target[] {
  return texts.map((text) => {
    const target = parseTarget(text);
    if (target === null)
      throw new RangeError(`"${text}" is not a target such as user:dan or group:ops-room.`);
    return target;
  });
}

/** A target in words, as it stands in a problem or a reason: "primary of payments", "team platform". */
export function targetWords(target: Target): string {
  switch (target.kind) {
    case 'user':
      return `user ${target.id}`;
    case 'schedule':
      return `${target.slot} of ${target.id}`;
    case 'team':
      return `team ${target.id}`;
    case 'group':
      return `group ${target.id}`;
    case 'manager':
      return `manager of ${target.of.join(', ')}`;
    default:
      return assertNever(target, 'target');
  }
}
