import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ListedHeartbeat } from '../../../api/heartbeats/desk.js';
import { HOUR, MINUTE } from '../../../domain/time/instant.js';
import { createTestApp, NOW } from '../../api/support/test-app.js';
import { API_KEY } from '../../api/support/test-config.js';
import { runCommand } from '../../support/command-line.js';

const BASE = { service: 'payments', severity: null, everyMs: 24 * HOUR, graceMs: HOUR } as const;
const LIST: readonly ListedHeartbeat[] = [
  { ...BASE, id: 'fresh', state: 'waiting', lastBeat: null, dueAt: null, missedAt: null },
  {
    ...BASE,
    id: 'queue',
    everyMs: 5 * MINUTE,
    graceMs: 0,
    state: 'beating',
    lastBeat: NOW - 2 * MINUTE,
    dueAt: NOW + 3 * MINUTE,
    missedAt: null,
  },
  {
    ...BASE,
    id: 'nightly-backup',
    state: 'missed',
    lastBeat: NOW - 26 * HOUR,
    dueAt: null,
    missedAt: NOW - HOUR,
  },
];

/** Runs one command line against the real app. */
async function tocsin(
  args: readonly string[],
  heartbeats: readonly ListedHeartbeat[] = LIST,
): Promise<{ readonly code: number; readonly out: string }> {
  const { app } = createTestApp({
    heartbeats: { list: () => Promise.resolve(heartbeats), beat: () => Promise.resolve('stored') },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  const { code, all } = await runCommand(args, {
    env: {
      TOCSIN_URL: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
      TOCSIN_API_KEY: API_KEY,
    },
    now: () => NOW,
  });
  return { code, out: all };
}

describe('tocsin heartbeats', () => {
  it('tells state, last beat and when the next is missed', async () => {
    const { code, out } = await tocsin(['heartbeats']);
    expect(code).toBe(0);
    const [head, fresh, queue, backup] = out.split('\n');
    expect(head).toMatch(/^HEARTBEAT +SERVICE +STATE +LAST BEAT +EXPECTED$/);
    expect(fresh).toMatch(/^fresh +payments +waiting +none +every 24 h \(\+1 h\)$/);
    expect(queue).toMatch(/^queue .*beating .*2 minutes ago +every 5 min, missed from .* in 3 minutes$/);
    expect(backup).toMatch(/^nightly-backup .*missed .*26 hours ago +every 24 h \(\+1 h\)$/);
  });

  it('--missed leaves out what is well, and says so when all is', async () => {
    const { out } = await tocsin(['heartbeats', '--missed']);
    expect(out.split('\n')).toHaveLength(2);
    expect((await tocsin(['heartbeats', '--missed'], LIST.slice(0, 2))).out).toBe('No heartbeat is missed.');
  });

  it('without heartbeats says where to read of them', async () => {
    expect((await tocsin(['heartbeats'], [])).out).toContain('docs/heartbeats.md');
  });

  it('--json is the answer of the API', async () => {
    const { out } = await tocsin(['heartbeats', '--json']);
    expect(JSON.parse(out)).toMatchObject({ at: NOW, heartbeats: LIST });
  });
});
