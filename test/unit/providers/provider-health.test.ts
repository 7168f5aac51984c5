import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import {
  createCircuit,
  FAILURES_TO_OPEN,
  FIRST_OPEN_MS,
  LONGEST_OPEN_MS,
} from '../../../activities/circuit.js';
import { createProviderHealth } from '../../../activities/provider-health.js';
import { registerCircuitMetrics } from '../../../worker/circuit-metrics.js';

const sms = { name: 'twilio-sms', channel: 'sms', account: 'twilio' } as const;
const voice = { name: 'twilio-voice', channel: 'voice', account: 'twilio' } as const;
const smtp = { name: 'smtp', channel: 'email' } as const;
const gateway = { name: 'gateway-de', channel: 'sms' } as const;
const other = { name: 'gateway-fr', channel: 'sms' } as const;
const hooks = { name: 'hooks', channel: 'webhook', isPerRecipient: true } as const;

describe('the health of providers', () => {
  it('is a refusal of our credentials from the first until something is sent', () => {
    const health = createProviderHealth();
    expect(health.refused()).toEqual([]);
    health.note(sms, 'unauthorized');
    health.note(smtp, 'unauthorized');
    expect(health.refused()).toEqual(['smtp', 'twilio']);
    health.note(smtp, 'sent');
    expect(health.refused()).toEqual(['twilio']);
  });

  it('is of the account: a call that goes out clears what an SMS met', () => {
    const health = createProviderHealth();
    health.note(sms, 'unauthorized');
    health.note(voice, 'sent');
    expect(health.refused()).toEqual([]);
  });

  it('is not of another account whose name begins alike', () => {
    const health = createProviderHealth();
    health.note(gateway, 'unauthorized');
    health.note(other, 'sent');
    expect(health.refused()).toEqual(['gateway-de']);
  });

  it('is nothing that one recipient of many could change', () => {
    const health = createProviderHealth();
    for (let count = 0; count < 10; count += 1) health.note(hooks, 'unauthorized');
    expect(health.refused()).toEqual([]);
    expect(health.states()).toEqual([]);
  });

  it.each(['unavailable', 'timed-out', 'bad-address', 'cancelled'] as const)(
    'is not changed by a try that ended as %s',
    (outcome) => {
      const health = createProviderHealth();
      health.note(sms, outcome);
      expect(health.refused()).toEqual([]);
      health.note(sms, 'unauthorized');
      health.note(sms, outcome);
      expect(health.refused()).toEqual(['twilio']);
    },
  );
});

describe('the order of providers', () => {
  function broken(...names: readonly (typeof gateway | typeof other | typeof sms)[]) {
    let now = 0;
    const health = createProviderHealth(() => now);
    for (const provider of names) {
      for (let count = 0; count < FAILURES_TO_OPEN; count += 1) health.note(provider, 'unavailable');
    }
    const order = () =>
      health
        .order([sms, gateway, other])
        .map(({ provider, isProbe }) => `${provider.name}${isProbe ? ' (probe)' : ''}`);
    return {
      health,
      order,
      wait: (ms: number) => {
        now += ms;
      },
    };
  }

  it('is that of the config, with the broken ones last and none left out', () => {
    expect(broken().order()).toEqual(['twilio-sms', 'gateway-de', 'gateway-fr']);
    expect(broken(sms).order()).toEqual(['gateway-de', 'gateway-fr', 'twilio-sms']);
    expect(broken(sms, gateway).order()).toEqual(['gateway-fr', 'twilio-sms', 'gateway-de']);
    expect(broken(sms, gateway, other).order()).toEqual(['twilio-sms', 'gateway-de', 'gateway-fr']);
  });

  it('lets one delivery at a time try a broken one first, once its time has come', () => {
    const { order, wait, health } = broken(sms);
    wait(FIRST_OPEN_MS);
    expect(order()).toEqual(['twilio-sms (probe)', 'gateway-de', 'gateway-fr']);
    expect(order()).toEqual(['gateway-de', 'gateway-fr', 'twilio-sms']);
    expect(health.note(sms, 'sent')).toBe('closed');
    expect(order()).toEqual(['twilio-sms', 'gateway-de', 'gateway-fr']);
  });

  it('tries nothing out when there is nothing to fall back on', () => {
    const { order, wait } = broken(sms, gateway, other);
    wait(FIRST_OPEN_MS);
    expect(order()).toEqual(['twilio-sms', 'gateway-de', 'gateway-fr']);
  });

  it('does not disturb a working one to see whether the one behind it is back', () => {
    const { order, wait } = broken(gateway);
    wait(FIRST_OPEN_MS);
    expect(order()).toEqual(['twilio-sms', 'gateway-fr', 'gateway-de']);
  });

  it('is told for people and metrics', () => {
    const { health, wait } = broken(sms);
    expect(health.states()).toEqual([
      { provider: 'twilio-sms', channel: 'sms', state: 'open', reason: 'unavailable' },
    ]);
    wait(FIRST_OPEN_MS);
    expect(health.states()).toMatchObject([{ state: 'half-open' }]);
    health.note(sms, 'sent');
    expect(health.states()).toMatchObject([{ state: 'closed', reason: null }]);
  });
});

it('forgets what a reload of the config took away', () => {
  const health = createProviderHealth();
  for (let count = 0; count < FAILURES_TO_OPEN; count += 1) health.note(gateway, 'unauthorized');
  health.known([sms, gateway, hooks]);
  expect(health.states().map(({ provider, state }) => [provider, state])).toEqual([
    ['gateway-de', 'open'],
    ['twilio-sms', 'closed'],
  ]);
  expect(health.failing()).toEqual(['gateway-de: unauthorized, tried last']);
  health.known([sms]);
  expect([health.states().length, health.failing(), health.refused()]).toEqual([1, [], []]);
});

it('says of a broken one when it is tried: a standby not before those ahead of it fail', () => {
  let now = 0;
  const health = createProviderHealth(() => now);
  health.known([smtp, gateway, other]);
  const fails = (provider: typeof gateway | typeof other) => {
    for (let count = 0; count < FAILURES_TO_OPEN; count += 1) health.note(provider, 'unavailable');
  };
  fails(other);
  expect(health.failing()).toEqual(['gateway-fr: unavailable, tried last']);
  now += FIRST_OPEN_MS;
  expect(health.failing()).toEqual(['gateway-fr: unavailable, tried when those before it fail']);
  fails(gateway);
  expect(health.failing()).toEqual([
    'gateway-de: unavailable, tried last',
    'gateway-fr: unavailable, the next message tries it',
  ]);
});

it('the metric tells each provider’s state', async () => {
  let now = 0;
  const health = createProviderHealth(() => now);
  const registry = new Registry();
  const made = [sms, gateway].map((provider) => ({
    ...provider,
    send: () => Promise.reject(new Error('unused')),
    sendLetter: () => Promise.reject(new Error('unused')),
  }));
  registerCircuitMetrics(registry, health, () => made);
  const lines = async () =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('tocsin_provider_circuit{'));
  const told = (state: number) => [
    'tocsin_provider_circuit{channel="sms",provider="gateway-de"} 0',
    `tocsin_provider_circuit{channel="sms",provider="twilio-sms"} ${state}`,
  ];
  expect(await lines()).toEqual(told(0));
  for (let count = 0; count < FAILURES_TO_OPEN; count += 1) health.note(sms, 'unavailable');
  expect(await lines()).toEqual(told(2));
  now += FIRST_OPEN_MS;
  expect(await lines()).toEqual(told(1));
});

describe('a circuit', () => {
  it('opens by failures in a row that are the provider’s own', () => {
    const circuit = createCircuit();
    for (const outcome of ['timed-out', 'unavailable', 'sent', 'rate-limited', 'unauthorized'] as const) {
      expect(circuit.note(outcome, 0)).toBeNull();
    }
    for (const outcome of ['bad-address', 'opted-out', 'rejected', 'undelivered', 'cancelled'] as const) {
      expect(circuit.note(outcome, 0)).toBeNull();
    }
    expect(circuit.note('timed-out', 0)).toBe('opened');
    expect([circuit.state(0), circuit.reason()]).toEqual(['open', 'timed-out']);
  });

  it('waits twice as long after each try that fails, at most five minutes', () => {
    const circuit = createCircuit();
    let now = 0;
    for (let count = 0; count < FAILURES_TO_OPEN; count += 1) circuit.note('unavailable', now);
    for (const waitMs of [FIRST_OPEN_MS, 60_000, 120_000, 240_000, LONGEST_OPEN_MS, LONGEST_OPEN_MS]) {
      now += waitMs - 1;
      expect(circuit.state(now)).toBe('open');
      now += 1;
      expect(circuit.probe(now)).toBe(true);
      circuit.note('unavailable', now);
      expect(circuit.state(now)).toBe('open');
    }
    circuit.note('sent', now);
    for (let count = 0; count < FAILURES_TO_OPEN; count += 1) circuit.note('unavailable', now);
    expect(circuit.state(now + FIRST_OPEN_MS)).toBe('half-open');
  });

  it('can be tried again when the one try was called off', () => {
    const circuit = createCircuit();
    for (let count = 0; count < FAILURES_TO_OPEN; count += 1) circuit.note('unavailable', 0);
    expect(circuit.probe(FIRST_OPEN_MS)).toBe(true);
    expect(circuit.probe(FIRST_OPEN_MS)).toBe(false);
    circuit.note('cancelled', FIRST_OPEN_MS);
    expect(circuit.probe(FIRST_OPEN_MS)).toBe(true);
  });
});
