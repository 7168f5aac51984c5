/** The key of the integration, and that of the API. They open nothing but the benchmark's own system. */
export const KEYS = {
  BENCH_ALERT_KEY: 'bench-alert-key-00000001',
  BENCH_API_KEY: 'bench-api-key-0000000001',
};

/** People of one tier of the crowd. */
const CROWD = 6;

function crowd(tier: 1 | 2): readonly string[] {
  return Array.from({ length: CROWD }, (_, index) => `c${tier}${index + 1}`);
}

/** Who acknowledges in the crowd: the first of its first tier. */
export const ANSWERS = 'c11';

function user(id: string, number: number): string {
  const again = id.startsWith('c1') ? ', { after: 1s, via: [sms] }' : '';
  return `  ${id}: { name: ${id.toUpperCase()}, phone: '+1202555${String(1_000 + number).slice(-4)}', notify: { high: [{ after: 0s, via: [sms] }${again}] } }`;
}

/**
 * Two services. `single`: one person is paged by SMS, and everything else is hours away, so that what is measured is one alert
 * and one page, with the timers that an incident arms. `crowd`: six people at once, again after a second, and six more when
 * nobody has answered within two, for answers that come while pages are on their way.
 */
export function benchConfig(): string {
  const people = ['ann', ...crowd(1), ...crowd(2)];
  const targets = (ids: readonly string[]): string => ids.map((id) => `'user:${id}'`).join(', ');
  return `users:
${people.map(user).join('\n')}
severities: { preset: p1-p4 }
policies:
  single: { steps: [{ name: primary, targets: ['user:ann'], timeout: 12h }], rounds: 1, catchAll: { targets: ['user:ann'], every: 12h } }
  crowd:
    steps:
      - { name: first, targets: [${targets(crowd(1))}], timeout: 2s }
      - { name: second, targets: [${targets(crowd(2))}], timeout: 12h }
    rounds: 1
    catchAll: { targets: ['user:ann'], every: 12h }
services:
  single: { name: Single, policy: single, severity: P2, match: [{ service: single }], catchAll: true }
  crowd: { name: Crowd, policy: crowd, severity: P2, match: [{ service: crowd }] }
integrations:
  bench: { kind: generic, key: { env: BENCH_ALERT_KEY } }
apiKeys:
  bench: { key: { env: BENCH_API_KEY } }
businessHours: { zone: UTC }
`;
}
