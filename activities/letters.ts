import { noticeMethods } from '../config/contacts.js';
import type { ContactMethod, User } from '../config/types.js';
import type { Channel } from '../domain/incident/event.js';
import type { Letter } from '../domain/messages/letter.js';
import { withCode } from '../domain/messages/letter-words.js';
import { ABOUT_THE_PERSON } from '../domain/providers/failure-reasons.js';
import { codesOf } from '../tokens/contact-proof.js';
import type { Tokens } from '../tokens/signed-token.js';
import { activityScope, type ActivityScope } from './activity-scope.js';
import { attempt, type AttemptDeps } from './attempt.js';
import type { ActivityDeps } from './create-activities.js';
import type { SendFailure } from './failures.js';
import { LETTER_WAITS_MS, queueing } from './pacing/await-turn.js';
import { handicapOf } from './pacing/precedence.js';
import type { LetterActivities, LetterReport, LetterTry, SendLetterInput } from './letter-contracts.js';

export interface LetterDeps extends AttemptDeps, Pick<ActivityDeps, 'config' | 'providers'> {
  /** Whose secret the codes of verifications follow from. */
  readonly tokens: Pick<Tokens, 'derive'>;
  /** For one contact method, all of its providers together. Default 8 s. */
  readonly methodTimeoutMs?: number;
}

/** As long as a page may take: activities/create-activities.ts. */
const METHOD_TIMEOUT_MS = 8_000;

/** Messages to people that are about no incident. None of these lets a number or an address out: not in results, not in logs. */
export function createLetterActivities(deps: LetterDeps): LetterActivities {
  return {
    sendLetter: (input) => {
      const scope = activityScope();
      return scope.whileAlive(() => sendLetter(deps, scope, input));
    },
  };
}

async function sendLetter(
  deps: LetterDeps,
  scope: ActivityScope,
  input: SendLetterInput,
): Promise<LetterReport> {
  const user = deps.config().person(input.userId);
  if (user === null) return { status: 'failed', tries: [] };
  const tries: LetterTry[] = [];
  for (const method of methodsFor(user, input)) {
    const result = await byMethod(deps, scope, { input, user, method });
    if (result.status === 'sent') return result;
    tries.push(result.tried);
    if (scope.cancelled.aborted) {
      scope.throwIfWorkerStops();
      break;
    }
  }
  return { status: 'failed', tries };
}

/** The methods to try, in order. */
function methodsFor(user: User, { by, letter }: SendLetterInput): readonly ContactMethod[] {
  switch (by.kind) {
    case 'method':
      return user.methods.filter(({ id }) => id === by.id);
    case 'notice': {
      const able = noticeMethods(user.methods).flatMap(({ id }) =>
        user.methods.filter((each) => each.id === id),
      );
      // Nothing but a mail can carry an invitation.
      const first: Channel | undefined = by.first ?? (letter.calendar === undefined ? undefined : 'email');
      return [
        ...able.filter(({ channel }) => channel === first),
        ...able.filter(({ channel }) => channel !== first),
      ];
    }
    default:
      return by satisfies never;
  }
}

interface ByMethod {
  readonly input: SendLetterInput;
  readonly user: User;
  readonly method: ContactMethod;
}

type MethodResult =
  | Extract<LetterReport, { readonly status: 'sent' }>
  | { readonly status: 'failed'; readonly tried: LetterTry };

/** One method, by each provider of its channel until one takes it. */
async function byMethod(
  deps: LetterDeps,
  scope: ActivityScope,
  { input, user, method }: ByMethod,
): Promise<MethodResult> {
  const { channel } = method;
  const providers = deps.providers();
  deps.health.known(providers);
  const able = deps.health.order(providers.filter((provider) => provider.channel === channel));
  const failures: SendFailure[] = [];
  const mayHaveLeft = (): boolean => failures.some(({ ambiguous }) => ambiguous === true);
  const failed = ({ reason, retryable, retryAfterMs, detail }: Omit<SendFailure, 'ok'>): MethodResult => ({
    status: 'failed',
    tried: {
      methodId: method.id,
      channel,
      reason,
      retryable,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(mayHaveLeft() ? { ambiguous: true } : {}),
      ...(detail === undefined ? {} : { detail }),
    },
  });
  const timeoutMs = Math.floor((deps.methodTimeoutMs ?? METHOD_TIMEOUT_MS) / Math.max(1, able.length));
  const letter = wordsFor(deps, input, method);
  const to = { userId: user.id, name: user.name, address: method.address, zone: user.zone };
  for (const [index, { provider }] of able.entries()) {
    const result = await attempt(deps, scope, {
      provider,
      kind: 'letter',
      fields: { letter: letter.id, topic: letter.topic },
      timeoutMs,
      queue: queueing(
        provider.paced?.(letter, to),
        () => handicapOf(letter, { attempt: scope.attempt, again: false, severityRank: 1 }),
        { longestMs: LETTER_WAITS_MS, isLast: index === able.length - 1 },
      ),
      send: (signal) =>
        provider.sendLetter(letter, to, {
          idempotencyKey: `${input.idempotencyKey}/${method.id}`,
          signal,
        }),
    });
    if (result.ok) {
      const possibleDuplicate = scope.attempt > 1 || mayHaveLeft();
      return {
        status: 'sent',
        methodId: method.id,
        channel,
        provider: provider.name,
        providerId: result.providerId,
        ...(possibleDuplicate ? { possibleDuplicate } : {}),
      };
    }
    failures.push(result);
    if (scope.cancelled.aborted || ABOUT_THE_PERSON.has(result.reason)) return failed(result);
  }
  const best = failures.find(({ retryable }) => retryable) ?? failures.at(-1);
  return failed(
    best ?? {
      reason: 'not-configured',
      retryable: false,
      detail: `no provider for ${channel} is set up`,
    },
  );
}

/** The letter as this method gets it: with its code, where it has one. The newest secret's. */
function wordsFor(deps: LetterDeps, input: SendLetterInput, method: ContactMethod): Letter {
  const { letter, verification, userId } = input;
  if (verification === undefined) return letter;
  const [code] = codesOf(deps.tokens, {
    nonce: verification.nonce,
    userId,
    methodId: method.id,
    address: method.address,
  });
  return code === undefined ? letter : withCode(letter, code, method.channel === 'voice');
}
