import { PAGERDUTY_KEY } from './test-config.js';

/** An event of the Events API v2, as in PagerDuty's own example (PagerDuty/api-schema, reference/events-v2). */
export function pagerDutyEvent(
  action: 'trigger' | 'acknowledge' | 'resolve',
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  const named = { routing_key: PAGERDUTY_KEY, dedup_key: 'srv01/mysql', event_action: action };
  if (action !== 'trigger') return { ...named, ...changes };
  return {
    payload: {
      summary: 'DISK at 99% on machine prod-datapipe03.example.com',
      timestamp: '2026-11-24T08:42:58.315+0000',
      severity: 'critical',
      source: 'prod-datapipe03.example.com',
      component: 'mysql',
      group: 'prod-datapipe',
      class: 'disk',
      custom_details: { 'free space': '1%', 'ping time': '1500ms', 'load avg': 0.75 },
    },
    ...named,
    client: 'Sample Monitoring Service',
    client_url: 'https://monitoring.example.com',
    links: [{ href: 'https://wiki.example.com/disk', text: 'Runbook' }],
    images: [
      { src: 'https://charts.example.com/disk.png', href: 'https://charts.example.com/disk', alt: 'Disk' },
    ],
    ...changes,
  };
}
