import { MockActivityEnvironment } from '@temporalio/testing';
import { onTestFinished } from 'vitest';
import type { DeliverInput } from '../../../activities/contracts.js';
import { createActivities, type DeliveryMetrics } from '../../../activities/create-activities.js';
import type { Pacer } from '../../../activities/pacing/pacer.js';
import { createProviders } from '../../../activities/providers/create-providers.js';
import { createBooth, type Booth } from '../../../booth/create-booth.js';
import { codeOf } from '../../../domain/incident/code.js';
import type { Channel, DeliveryReport } from '../../../domain/incident/event.js';
import type { Message } from '../../../domain/messages/message.js';
import type { Store } from '../../../store/store.js';
import { createTokens } from '../../../tokens/signed-token.js';
import { configOf } from '../../unit/config/support.js';
import { page } from '../../unit/messages/fixtures.js';

export const ALICE = '+12025550101';
export const TOKENS = createTokens('a secret of more than 16 characters');

/** A message gathers what follows within a second of it, for 0.6 s. */
export const GATHER_MS = 600;

/** The phone network of one test. */
export async function startBooth(): Promise<Booth> {
  const booth = createBooth();
  await booth.start();
  onTestFinished(() => booth.stop());
  return booth;
}

/** The opening id of the n-th incident. */
export function openingOf(n: number): string {
  return `0123456789abcdef0123-${String(n).padStart(8, '0')}`;
}

export function codeOfNth(n: number): string {
  return codeOf(openingOf(n));
}

/** A page of the n-th incident to alice. */
export function pageOf(n: number, channel: Channel = 'sms', changes: Partial<Message> = {}): DeliverInput {
  return {
    deliveryId: `d${n}`,
    idempotencyKey: `${openingOf(n)}/p1/alice/${channel}/d${n}/1`,
    userId: 'alice',
    method: { id: `${channel}-1`, channel },
    attempt: 1,
    message: page({ openingId: openingOf(n), code: codeOfNth(n), title: `Incident number ${n}`, ...changes }),
  };
}

/** One worker's way of sending, as it runs in an activity. */
export interface SendingProcess {
  /** `run`: how often the activity was begun, and what ends it. */
  readonly deliver: (input: DeliverInput, run?: MockActivityEnvironment) => Promise<DeliveryReport>;
  readonly withdraw: ReturnType<typeof createActivities>['withdraw'];
  /** Bundles by size. */
  readonly counted: number[];
}

/** A worker's activities with a store, and with the booth for Twilio and mail. */
export function sendingProcess(
  booth: Booth,
  store: Pick<Store, 'bundles'> | undefined,
  options: {
    readonly limits?: string;
    readonly markWithinMs?: number;
    readonly isStoreShared?: boolean;
    /** Text messages wait for their number: so many segments a second leave by it. */
    readonly pacer?: Pacer;
    readonly segmentsPerSecond?: string;
  } = {},
): SendingProcess {
  const { limits = '{ bundling: 1s }', markWithinMs = 5_000, segmentsPerSecond = '1', ...given } = options;
  const config = configOf({ limits });
  const counted: number[] = [];
  const metrics: DeliveryMetrics = {
    delivery: () => undefined,
    bundle: (_channel, pages) => void counted.push(pages),
  };
  const providers = createProviders({
    TWILIO_ACCOUNT_SID: booth.accountSid,
    TWILIO_AUTH_TOKEN: booth.authToken,
    TWILIO_FROM: '+12025550000',
    TWILIO_BASE_URL: booth.httpUrl,
    TWILIO_SEGMENTS_PER_SECOND: segmentsPerSecond,
    SMTP_URL: booth.smtpUrl,
    MAIL_FROM: 'tocsin@example.com',
  });
  const quiet = (): void => undefined;
  const activities = createActivities({
    config: () => config,
    providers: () => providers,
    tokens: TOKENS,
    publicUrl: 'http://127.0.0.1:9',
    ...(store === undefined ? {} : { bundles: store.bundles }),
    ...given,
    // A busy machine is not what most tests are about.
    markWithinMs,
    clock: () => Date.now(),
    log: { info: quiet, warn: quiet, error: quiet },
    metrics,
  });
  return {
    deliver: (input, run = new MockActivityEnvironment({ attempt: 1 })) =>
      run.run((asked: DeliverInput) => activities.deliver(asked), input),
    withdraw: (input) => activities.withdraw(input),
    counted,
  };
}

/** What reached alice's phone, oldest first. */
export function textsIn(booth: Booth): readonly string[] {
  return booth.messages.filter(({ to }) => to === ALICE).map(({ body }) => body);
}
