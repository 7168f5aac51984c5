/** The key of the integration, and that of the API. They open nothing but the benchmark's own system. */
export const KEYS = {
  BENCH_ALERT_KEY: 'bench-alert-key-00000001',
  BENCH_STORM_KEY: 'bench-storm-key-00000001',
  BENCH_API_KEY: 'bench-api-key-0000000001',
};

/** People of one tier of the crowd. */
const CROWD = 6;

function crowd(tier: 1 | 2): readonly string[] {
  return Array.from({ length: CROWD }, (_, index) => `c${tier}${index + 1}`);
}

/** The service of one of the many, from 0. */
export function eachService(number: number): string {
  return `each-${number}`;
}

/** The phone of `bea`, who is paged when nobody has answered in the service `late`. */
export const BEA = '+12025559999';

/** How long the service `late` waits for an answer. Long enough to open a thousand incidents before the first is due. */
export const LATE_AFTER_MS = 120_000;

/** Who acknowledges in the crowd: the first of its first tier. */
export const ANSWERS = 'c11';

function phoneOf(number: number): string {
  return `+1202555${String(1_000 + number).slice(-4)}`;
}

/** Everybody in the order of their phone numbers. */
const PEOPLE = ['ann', ...crowd(1), ...crowd(2)];

/** Whether this is the phone of somebody in the second tier of the crowd. */
export function isSecondTier(phone: string): boolean {
  return PEOPLE.some((id, number) => id.startsWith('c2') && phoneOf(number) === phone);
}

function user(id: string, number: number): string {
  const again = id.startsWith('c1') ? ', { after: 1s, via: [sms] }' : '';
  return `  ${id}: { name: ${id.toUpperCase()}, phone: '${phoneOf(number)}', notify: { high: [{ after: 0s, via: [sms] }${again}] } }`;
}

/**
 * Three services. `single`: one person is paged by SMS, and everything else is hours away, so that what is measured is one alert
 * and one page, with the timers that an incident arms. `crowd`: six people at once, again after a second, and six more when
 * nobody has answered within two, for answers that come while pages are on their way. `late`: one person, and another one when
 * nobody has answered in time. The integration `storm` is an Alertmanager's; its alerts are of the service `single`.
 * With `people`, so many more as `single`, each with a person of its own.
 */
export function benchConfig(people = 0): string {
  const each = Array.from({ length: people }, (_, number) => eachService(number));
  const targets = (ids: readonly string[]): string => ids.map((id) => `'user:${id}'`).join(', ');
  return `users:
${PEOPLE.map(user).join('\n')}
  bea: { name: BEA, phone: '${BEA}', notify: { high: [{ after: 0s, via: [sms] }] } }
${each.map((id, number) => `  ${id}: { name: ${id}, phone: '+1303555${String(number).padStart(4, '0')}', notify: { high: [{ after: 0s, via: [sms] }] } }`).join('\n')}
# What is measured is one alert and one page, not what is gathered or spared.
limits: { pagesPerNight: off${people > 0 ? '' : ', bundling: off'} }
defaults: { contactMethods: trusted }
severities: { preset: p1-p4 }
policies:
  single: { steps: [{ name: primary, targets: ['user:ann'], timeout: 12h }], rounds: 1, catchAll: { targets: ['user:ann'], every: 12h } }
  crowd:
    steps:
      - { name: first, targets: [${targets(crowd(1))}], timeout: 2s }
      - { name: second, targets: [${targets(crowd(2))}], timeout: 12h }
    rounds: 1
    catchAll: { targets: ['user:ann'], every: 12h }
  late:
    steps:
      - { name: first, targets: ['user:ann'], timeout: ${LATE_AFTER_MS / 1_000}s }
      - { name: second, targets: ['user:bea'], timeout: 12h }
    rounds: 1
    catchAll: { targets: ['user:ann'], every: 12h }
${each.map((id) => `  ${id}: { steps: [{ name: primary, targets: ['user:${id}'], timeout: 12h }], rounds: 1, catchAll: { targets: ['user:ann'], every: 12h } }`).join('\n')}
services:
  single: { name: Single, policy: single, severity: P2, match: [{ service: single }], catchAll: true }
  crowd: { name: Crowd, policy: crowd, severity: P2, match: [{ service: crowd }] }
  late: { name: Late, policy: late, severity: P2, match: [{ service: late }] }
${each.map((id) => `  ${id}: { policy: ${id}, severity: P2, match: [{ service: ${id} }] }`).join('\n')}
integrations:
  storm: { kind: alertmanager, key: { env: BENCH_STORM_KEY } }
  bench: { kind: generic, key: { env: BENCH_ALERT_KEY } }
apiKeys:
  bench: { key: { env: BENCH_API_KEY } }
businessHours: { zone: UTC }
`;
}
