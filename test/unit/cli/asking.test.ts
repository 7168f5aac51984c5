import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createColours } from '../../../cli/output/colours.js';
import { detailed, incidentDetails } from '../../../cli/output/incident-details.js';
import { MINUTE } from '../../../domain/time/instant.js';
import { viewOf } from '../../api/support/incidents-of-the-tests.js';
import { NOW } from '../../api/support/test-app.js';
import { runCommand } from '../../support/command-line.js';

interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** Runs one command line against an API that answers one thing. */
async function tocsin(
  args: readonly string[],
  answer: { readonly status?: number; readonly type?: string; readonly text: string },
): Promise<{ code: number; out: string; err: string; asked: readonly Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      asked.push({
        path: `${request.method ?? ''} ${request.url ?? ''}`,
        headers: request.headers,
        body: body === '' ? undefined : (JSON.parse(body) as unknown),
      });
      const type = answer.type ?? 'application/json';
      response.writeHead(answer.status ?? 200, { 'content-type': type }).end(answer.text);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const env = {
    TOCSIN_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    TOCSIN_API_KEY: 'the-key',
  };
  return { ...(await runCommand(args, { env, now: () => NOW })), asked };
}

const DONE = { text: '{"outcome":"x","sentence":"Done."}' };

describe('what people ask of an incident', () => {
  it.each<[string, string, object]>([
    ['snooze 7KQ2 30m --by alice', 'snooze', { for: '30m', by: 'alice' }],
    ['unack 7KQ2', 'unacknowledge', {}],
    ['reassign 7KQ2 bob --reason shift', 'reassign', { to: 'bob', reason: 'shift' }],
    [
      'page 7KQ2 --user carol --user dan --service payments --team dba --schedule network --reason help --by bob',
      'responders',
      {
        users: ['carol', 'dan'],
        services: ['payments'],
        teams: ['dba'],
        schedules: ['network'],
        reason: 'help',
        by: 'bob',
      },
    ],
  ])('tocsin %s', async (line, path, body) => {
    const { code, out, asked } = await tocsin(line.split(' '), DONE);
    expect({ code, out }).toEqual({ code: 0, out: 'Done.' });
    expect(asked).toMatchObject([{ path: `POST /v1/incidents/7KQ2/${path}`, body }]);
    expect(asked[0]?.body).toEqual(body);
  });

  it('needs somebody to page', async () => {
    const { code, err, asked } = await tocsin(['page', '7KQ2', '--reason', 'help'], DONE);
    expect({ code, asked }).toEqual({ code: 2, asked: [] });
    expect(err).toContain('--user, --team, --schedule or --service');
  });

  it.each([[['snooze', '7KQ2']], [['reassign', '7KQ2']], [['export', '7KQ2', '--format', 'pdf']]])(
    'ends with 2 for %j',
    async (args) => {
      const { code, asked } = await tocsin(args, DONE);
      expect({ code, asked }).toEqual({ code: 2, asked: [] });
    },
  );
});

describe('tocsin export', () => {
  it('prints Markdown, unless it is told otherwise', async () => {
    const { out, asked } = await tocsin(['export', '7KQ2'], {
      type: 'text/markdown; charset=utf-8',
      text: '# Postmortem: x\u001b[2J\u009b2J\n\n- a\n',
    });
    expect(out).toBe('# Postmortem: x[2J2J\n\n- a');
    expect(asked).toMatchObject([
      {
        path: 'GET /v1/incidents/7KQ2/timeline?format=markdown',
        headers: { authorization: 'Bearer the-key', accept: 'text/markdown' },
      },
    ]);
  });

  it('writes CSV to a file, byte by byte', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-export-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, '7KQ2.csv');
    const text = '"time","text"\r\n"2026","ä, ""b"""\r\n';
    const { code, out, err } = await tocsin(['export', '7KQ2', '--format', 'csv', '-o', file], {
      type: 'text/csv; charset=utf-8',
      text,
    });
    expect({ code, out, err }).toEqual({ code: 0, out: '', err: `written to ${file}` });
    expect(await readFile(file, 'utf8')).toBe(text);
    const lost = await tocsin(['export', '7KQ2', '-o', join(folder, 'nowhere', 'x')], {
      type: 'text/markdown',
      text: '# x',
    });
    expect(lost).toMatchObject({ code: 1, err: expect.stringContaining("can't be written") as string });
  });

  it('prints JSON with --json', async () => {
    const { out, asked } = await tocsin(['export', '7KQ2', '--json'], { text: '{"entries":[]}' });
    expect(JSON.parse(out)).toEqual({ entries: [] });
    expect(asked[0]?.path).toContain('format=json');
  });

  it('repeats what the API refuses, and knows a page that is no export', async () => {
    const unknown = await tocsin(['export', '7KQ2'], {
      status: 404,
      text: '{"error":{"code":"incident-not-found","message":"No incident has this id.","requestId":"r"}}',
    });
    expect(unknown.code).toBe(1);
    expect(unknown.err).toMatch(/^error No incident has this id\.\n +→ `tocsin incidents` lists them/);
    const page = await tocsin(['export', '7KQ2'], { type: 'text/html', text: '<html>' });
    expect(page).toMatchObject({ code: 3, err: expect.stringContaining('is no Tocsin') as string });
  });
});

describe('tocsin show', () => {
  it('shows the record of an incident that was open then as one, and its clock stands still', () => {
    const owner = { id: 'dan', name: 'Dan', since: NOW - 60 * MINUTE };
    const shown = (record: object): string =>
      incidentDetails(
        detailed.parse(JSON.parse(JSON.stringify({ ...viewOf({ owner }), ...record }))),
        NOW,
        'UTC',
        createColours(false),
      );
    const asRecord = shown({ deadlines: [], record: { asOf: NOW - 50 * MINUTE } });
    expect(asRecord).toMatch(/^ +state +\S.* as of \S+, 50 minutes ago: a record, not a running incident$/m);
    expect(asRecord).toMatch(/^ +who had it +Dan, for 10 minutes$/m);
    expect(asRecord).toContain('nothing: Temporal no longer has it');
    expect(asRecord).not.toContain('being paged');
    expect(shown({})).toMatch(/^ +who has it +Dan, for 1 hour$/m);
  });

  it('tells of a snooze, of a request to take it over, and of helpers', () => {
    const base = { by: 'Erin', since: NOW - MINUTE, paged: [] };
    const view = detailed.parse(
      JSON.parse(
        JSON.stringify(
          viewOf({
            owner: { id: 'alice', name: 'Alice', since: NOW - MINUTE },
            snoozed: { by: 'Alice', until: NOW + 40 * MINUTE },
            handover: { to: 'Bob', by: 'Erin', since: NOW },
            responders: [
              { ...base, name: 'Carol', status: 'joined', joined: 'Carol' },
              { ...base, name: 'payments', status: 'paging', paged: ['Dan', 'Fay'] },
              { ...base, name: 'orders', status: 'unanswered' },
              { ...base, name: 'network', status: 'stopped' },
            ],
          }),
        ),
      ),
    );
    const text = incidentDetails(view, NOW, 'UTC', createColours(false));
    expect(text).toMatch(/snoozed +until 10:40:00, by Alice\n/);
    expect(text).toMatch(/asked to take it +Bob, by Erin; no answer yet\n/);
    expect(text).toMatch(
      /helpers +Carol joined\n +payments, being paged \(Dan, Fay\); asked by Erin\n +orders: nobody answered\n +network: no longer needed\n/,
    );
  });
});
