import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { expect, it, onTestFinished } from 'vitest';
import { summaryOf, viewOf } from './support/incidents-of-the-tests.js';
import { createTestApp, OPENING } from './support/test-app.js';
import { API_KEY, GENERIC_KEY } from './support/test-config.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What somebody writes against the API, with no more than the types made of its document. */
const PROGRAM = `
import createClient from 'openapi-fetch';
import type { paths } from './schema.js';

const [url = '', key = '', sender = ''] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: url, headers: { authorization: \`Bearer \${key}\` } });

const list = await client.GET('/v1/incidents', { params: { query: { phase: 'triggered', limit: 10 } } });
const first = list.data?.incidents[0];
if (first === undefined) throw new Error('nothing is listed');
const id: string = first.openingId;
const read = await client.GET('/v1/incidents/{id}', { params: { path: { id } } });
const labels = read.data?.deadlines.map(({ at, label }) => \`\${at.toFixed(0)} \${label}\`);
const opened = read.data?.timeline.flatMap((entry) => (entry.type === 'opened' ? [entry.title] : []));
const done = await client.POST('/v1/incidents/{id}/acknowledge', { params: { path: { id } }, body: { by: 'alice' } });
const outcome: string | undefined = done.data?.outcome;
const refused = await client.POST('/v1/incidents/{id}/notes', { params: { path: { id } }, body: { text: ' ' } });
// @ts-expect-error a note needs its text
await client.POST('/v1/incidents/{id}/notes', { params: { path: { id } }, body: { by: 'alice' } });
// @ts-expect-error there is no such phase
await client.GET('/v1/incidents', { params: { query: { phase: 'asleep' } } });
const alerts = createClient<paths>({ baseUrl: url, headers: { authorization: \`Bearer \${sender}\` } });
const sent = await alerts.POST('/v1/alerts/generic', { body: { summary: 'disk full', labels: { host: 'db-1' } } });
console.log(JSON.stringify({
  id, labels, opened, outcome,
  code: refused.error?.error.code,
  problems: refused.error?.error.problems,
  accepted: sent.data?.accepted,
}));
`;

it('a client generated from the document compiles, and works against the API', async () => {
  const test = createTestApp();
  onTestFinished(() => test.app.close());
  test.incidents.incidents = [summaryOf()];
  test.incidents.views.set(OPENING, viewOf());
  await test.app.listen({ host: '127.0.0.1', port: 0 });
  const address = test.app.server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;

  // Inside the project, so that the program finds openapi-fetch as its reader would.
  const folder = await mkdtemp(join(ROOT, 'node_modules', '.cache', 'generated-client-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as OpenAPI3;
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'schema.d.ts'), astToString(await openapiTS(document)));
  await writeFile(join(folder, 'program.ts'), PROGRAM);
  const options = [
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--skipLibCheck',
    '--ignoreConfig',
  ];
  const files = [join(folder, 'program.ts'), join(folder, 'schema.d.ts')];
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  await run(tsc, [...options, '--types', 'node', ...files], { cwd: folder }).catch(
    (error: { stdout?: string }) => {
      throw new Error(`It does not compile:\n${error.stdout ?? ''}`);
    },
  );

  const { stdout } = await run(process.execPath, [join(folder, 'program.js'), url, API_KEY, GENERIC_KEY]);
  expect(JSON.parse(stdout)).toMatchObject({
    id: OPENING,
    labels: [expect.stringContaining('ack timeout: Alice') as string, expect.any(String)],
    opened: [viewOf().title],
    outcome: 'acknowledged',
    code: 'invalid-body',
    problems: [{ path: 'text' }],
    accepted: 1,
  });
  expect(test.incidents.acted.map(({ action }) => action)).toEqual(['acknowledge']);
}, 60_000);
