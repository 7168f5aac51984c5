import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { afterEach, expect } from 'vitest';
import type { OpenApiDocument } from '../../../api/contract/document.js';

/**
 * Holds every answer of every app under test against the document of the API: its status, its content type and its body.
 * Here an object may have no field that the document does not tell; for clients it may, since fields are added.
 */

const violations: string[] = [];
afterEach(() => {
  expect(violations.splice(0), 'answers that /openapi.json does not promise').toEqual([]);
});

// All apps have the same routes: one document and its validators serve the whole process.
let document: Promise<OpenApiDocument> | undefined;
let ajv: Ajv2020 | undefined;
const validators = new Map<string, ValidateFunction>();

async function documentOf(app: FastifyInstance): Promise<OpenApiDocument> {
  const answer = await app.inject({ url: '/openapi.json', headers: { [OURS]: 'yes' } });
  return answer.json();
}

const OURS = 'x-asked-by-the-tests';

function mismatch(
  { components }: OpenApiDocument,
  schema: object,
  name: string,
  value: unknown,
): string | null {
  ajv ??= new Ajv2020({ strict: false, allErrors: true, schemas: [closed(components, 'components')] });
  const validate = validators.get(name) ?? ajv.compile(closed(schema, name));
  validators.set(name, validate);
  return validate(value) ? null : ajv.errorsText(validate.errors);
}

/** Holds every answer of this app against the document, which it is asked for itself. */
export function checkAnswers(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (request.headers[OURS] !== undefined) return;
    const promised = await (document ??= documentOf(app));
    const { paths } = promised;
    const { statusCode } = reply;
    const url = request.routeOptions.url?.replaceAll(/:([A-Za-z]+)/g, '{$1}');
    const method = request.method === 'HEAD' ? 'get' : request.method.toLowerCase();
    const operation = url === undefined ? undefined : paths[url]?.[method];
    const where = `${request.method} ${url ?? 'nowhere'} ${statusCode}`;
    const response = operation === undefined ? anError : operation.responses[String(statusCode)];
    if (response === undefined)
      return void violations.push(`${where} is not in the document: ${textOf(payload)}`);
    const content = response['content'] as Record<string, { schema: object }> | undefined;
    const type = String(reply.getHeader('content-type') ?? '').split(';')[0] ?? '';
    if (content === undefined) {
      if (textOf(payload) !== '') violations.push(`${where} has a body`);
      return;
    }
    const media = content[type];
    if (media === undefined) return void violations.push(`${where} is ${type}`);
    if (bodyless(request)) return;
    const value: unknown = type === 'application/json' ? JSON.parse(textOf(payload)) : textOf(payload);
    const wrong = mismatch(promised, media.schema, `${where} ${type}`, value);
    if (wrong !== null) violations.push(`${where}: ${wrong}\n${textOf(payload)}`);
  });
}

/** What no route answers: an error of the one shape. */
const anError = {
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
} as Readonly<Record<string, unknown>>;

function bodyless(request: FastifyRequest): boolean {
  return request.method === 'HEAD';
}

function textOf(payload: unknown): string {
  if (typeof payload === 'string') return payload;
  return Buffer.isBuffer(payload) ? payload.toString('utf8') : '';
}

/** The schema with every object closed, and its references as ajv finds them. */
function closed(schema: object, id: string): object {
  return { $id: `https://tocsin.test/${encodeURIComponent(id)}`, ...(walk(schema) as object) };
}

function walk(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(walk);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) =>
    key === '$ref' && typeof inner === 'string'
      ? [key, inner.replace('#/components/', 'https://tocsin.test/components#/')]
      : [key, walk(inner)],
  );
  const made = Object.fromEntries(entries) as Record<string, unknown>;
  const isObject = made['type'] === 'object' && typeof made['properties'] === 'object';
  return isObject && made['additionalProperties'] === undefined
    ? { ...made, additionalProperties: false }
    : made;
}
