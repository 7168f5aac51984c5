import type { WrittenLevel, WrittenSeverities } from './schema/root.js';

type PresetName = NonNullable<WrittenSeverities['preset']>;

/**
 * The four severity schemes found in practice, in the shape in which a config writes its own. Source: the
 * specification's response-presets.yaml. The order of the levels is their rank, worst first.
 */
export const PRESETS: Readonly<Record<PresetName, Readonly<Record<string, WrittenLevel>>>> = {
  'sev0-sev3': {
    SEV0: {
      name: 'critical outage',
      when: 'complete outage, critical data loss, payments down, every customer affected',
      page: 'immediately',
      allHands: true,
      executives: 'immediately',
      roles: ['incident-commander', 'communications-lead', 'subject-matter-expert', 'scribe'],
      warRoom: true,
      updateEvery: '15m',
      statusPageWithin: '10m',
      statusPageEvery: '30m',
      customerEmailWithin: '1h',
      acknowledgeTarget: '5m',
      resolveTarget: '1h',
      postmortemWithin: '48h',
    },
    SEV1: {
      name: 'major degradation',
      when: 'major functionality degraded, a significant part of customers; e.g. 15 % errors',
      page: 'escalate-off-hours',
      roles: ['incident-commander', 'subject-matter-expert'],
      warRoom: true,
      managementAfter: '30m',
      updateEvery: '30m',
      statusPageWithin: '10m',
      statusPageEvery: '30m',
      customerEmailWithin: '1h',
      acknowledgeTarget: '5m',
      resolveTarget: '1h',
      postmortemWithin: '48h',
    },
    SEV2: {
      name: 'minor issue',
      when: 'minor functionality impaired, an edge case, few users',
      page: 'next-business-day',
      roles: ['responder'],
      updateEvery: '2h',
      resolveTarget: '24h',
    },
    SEV3: {
      name: 'low impact',
      when: 'cosmetic, documentation, no customer affected',
      page: 'ticket',
      roles: ['responder'],
      resolveTarget: '7d',
    },
  },
  'sev1-sev4': {
    SEV1: {
      when: 'complete outage, data loss',
      page: 'immediately',
      acknowledgeTarget: '5m',
      updateEvery: '15m',
      managementAfter: '30m',
      statusPageWithin: '10m',
      statusPageEvery: '30m',
      roles: ['incident-commander', 'technical-lead', 'communications-lead'],
      postmortemWithin: '48h',
    },
    SEV2: {
      when: 'major feature broken (checkout, login)',
      page: 'immediately',
      acknowledgeTarget: '30m',
      updateEvery: '30m',
      statusPageWithin: '10m',
      statusPageEvery: '30m',
      roles: ['incident-commander', 'technical-lead', 'communications-lead'],
      postmortemWithin: '48h',
    },
    SEV3: {
      when: 'partial degradation (slow reports)',
      page: 'wait-for-business-hours',
      roles: ['responder'],
    },
    SEV4: { when: 'cosmetic, edge case', page: 'ticket', roles: ['responder'] },
  },
  'sev1-sev4-targets': {
    SEV1: {
      when: 'outage, all customers, revenue, possible data loss',
      page: 'immediately',
      allHands: true,
      executives: 'immediately',
      customerEmailWithin: '1h',
      statusPageWithin: '10m',
      acknowledgeTarget: '15m',
      resolveTarget: '1h',
      roles: ['incident-commander', 'technical-lead', 'scribe'],
      warRoom: true,
      updateEvery: '15m',
      postmortemWithin: '48h',
    },
    SEV2: {
      when: 'major feature unavailable, significant impact',
      page: 'immediately',
      acknowledgeTarget: '15m',
      resolveTarget: '4h',
      statusPageWithin: '10m',
      updateEvery: '30m',
      executives: 'briefed with updates',
      startAtTier: 2,
      roles: ['incident-commander', 'technical-lead'],
      postmortemWithin: '48h',
    },
    SEV3: {
      when: 'moderate, a workaround exists, secondary features',
      page: 'wait-for-business-hours',
      resolveTarget: '24h',
      notifyTeam: 'immediately',
      roles: ['responder'],
    },
    SEV4: {
      when: 'minor, cosmetic, documentation',
      page: 'ticket',
      resolveTarget: '7d',
      roles: ['responder'],
    },
  },
  'p1-p4': {
    P1: {
      when: 'service down; several teams are paged at once',
      page: 'immediately',
      allHands: true,
      roles: ['incident-commander'],
      updateEvery: '15m',
      postmortemWithin: '48h',
    },
    P2: {
      when: 'critical function impaired',
      page: 'immediately',
      roles: ['incident-commander'],
      updateEvery: '30m',
      postmortemWithin: '48h',
    },
    P3: { when: 'handled in business hours', page: 'wait-for-business-hours', roles: ['responder'] },
    P4: { when: 'minor', page: 'ticket', roles: ['responder'] },
  },
};

/** Used when the config names none. */
export const DEFAULT_PRESET: PresetName = 'sev0-sev3';

/**
 * What senders' words mean, by rank (1 = worst); beyond the last rank of a scheme they mean the last. `critical` is
 * rank 2: rank 1 is a complete outage, which few alerts can know of. A config changes this under `severities.map`.
 */
export const SENDER_WORDS: Readonly<Record<string, number>> = {
  emergency: 1,
  disaster: 1,
  fatal: 1,
  p1: 1,
  critical: 2,
  crit: 2,
  alert: 2,
  page: 2,
  error: 2,
  high: 2,
  p2: 2,
  warning: 3,
  warn: 3,
  average: 3,
  medium: 3,
  p3: 3,
  info: 4,
  information: 4,
  notice: 4,
  low: 4,
  none: 4,
  p4: 4,
  p5: 4,
};
