import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createColours } from '../../../cli/output/colours.js';
import { runProgram } from '../../../cli/program.js';

/** Runs a command line against an API that gives these answers, one after the other. */
async function run(args: readonly string[], answers: readonly object[], status = 200) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      asked.push(
        `${request.method ?? ''} ${request.url ?? ''} ${Buffer.concat(chunks as Buffer[]).toString()}`,
      );
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify(answers[asked.length - 1] ?? {}));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const [printed, said]: [string[], string[]] = [[], []];
  let exitCode: number | null = null;
  const { port } = server.address() as AddressInfo;
  await runProgram(args, {
    env: { TOCSIN_URL: `http://127.0.0.1:${port}`, TOCSIN_API_KEY: 'k' },
    cwd: tmpdir(),
    print: (line) => void printed.push(line),
    say: (line) => void said.push(line),
    colours: createColours(false),
    errorColours: createColours(false),
    now: () => 0,
    setExitCode: (code) => {
      exitCode = code;
    },
  });
  return { printed: printed.join('\n'), said: said.join('\n'), exitCode, asked };
}

const page = (there: number, added: number, entries: number, next?: string) => ({
  ...{ there, added, entries, unreadable: [] },
  ...(next === undefined ? {} : { next }),
});

describe('tocsin records rebuild', () => {
  it('goes on page after page, with progress, and sums up', async () => {
    const ran = await run(['records', 'rebuild'], [page(8, 2, 30, 'n1'), page(3, 1, 1)]);
    expect(ran.asked).toEqual(['POST /v1/records/rebuild {}', 'POST /v1/records/rebuild {"cursor":"n1"}']);
    expect(ran.said).toBe('10 read …');
    expect(ran.printed).toBe('11 complete already, 3 filled (31 entries), 0 could not be read.');
    expect(ran.exitCode).toBeNull();
  });

  it('names what could not be read, and ends with 1', async () => {
    const unreadable = Array.from({ length: 22 }, (_, index) => ({
      workflowId: `incident:${index}\u001b[31m`,
      why: 'no worker could replay its history in time',
    }));
    const ran = await run(['records', 'rebuild'], [{ ...page(1, 0, 0), unreadable }]);
    expect(ran.exitCode).toBe(1);
    expect(ran.printed).toContain('22 could not be read');
    expect(ran.said).toContain('incident:0');
    expect(ran.said).not.toContain('\u001b');
    expect(ran.said).toContain('and 2 more');
  });

  it('prints the sums for programs', async () => {
    const ran = await run(['records', 'rebuild', '--json'], [page(1, 2, 3)]);
    expect(JSON.parse(ran.printed)).toEqual({ there: 1, added: 2, entries: 3, unreadable: [] });
  });

  it('says so when there is nothing', async () => {
    const ran = await run(['records', 'rebuild'], [page(0, 0, 0)]);
    expect(ran.printed).toContain('nothing to rebuild');
  });

  it('passes on what the API says', async () => {
    const error = { code: 'no-store', message: 'This Tocsin has no store.', remedy: 'Set DATABASE_URL.' };
    const ran = await run(['records', 'rebuild'], [{ error }], 503);
    expect(ran.exitCode).toBe(3);
    expect(ran.said).toContain('This Tocsin has no store.');
    expect(ran.said).toContain('Set DATABASE_URL.');
  });
});

describe('tocsin fairness', () => {
  const person = (userId: string, counts: object) => ({
    ...{ userId, name: userId, zone: 'UTC', shifts: 1, ms: 0, primaryMs: 0, secondaryMs: 0 },
    ...{ nights: 0, nightMs: 0, weekends: 0, weekendMs: 0, holidays: 0, holidayMs: 0 },
    ...counts,
  });
  const answer = (...people: readonly object[]) => ({
    ...{ from: 0, to: 86_400_000, zone: 'UTC', overrides: 'counted', people },
  });
  const known = answer(
    person('anna', { pages: 7, nightPages: 3 }),
    person('ben', { pages: 0, nightPages: 0 }),
  );

  it('has the incidents that paged each person, where there are records', async () => {
    const { printed } = await run(['fairness'], [known]);
    const [heading = '', anna = ''] = printed.split('\n').filter((line) => /PERSON|anna/.test(line));
    expect(heading).toMatch(/PAGED +AT NIGHT$/);
    expect(anna).toMatch(/ 7 +3$/);
    const csv = await run(['fairness', '--csv'], [known]);
    expect(csv.printed.split(/\r?\n/)).toEqual([
      expect.stringMatching(/,"incidents_paged","incidents_paged_at_night"$/),
      expect.stringMatching(/^"anna",.*,"7","3"$/),
      expect.stringMatching(/^"ben",.*,"0","0"$/),
    ]);
  });

  it('is as it was without', async () => {
    const { printed } = await run(['fairness'], [answer(person('anna', {}))]);
    expect(printed).not.toContain('PAGED');
    const csv = await run(['fairness', '--csv'], [answer(person('anna', {}))]);
    expect(csv.printed).not.toContain('incidents_paged');
  });
});
