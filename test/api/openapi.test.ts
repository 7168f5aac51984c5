import { readFile } from 'node:fs/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../domain/version.js';
import type { OpenApiDocument, Operation } from '../../api/contract/document.js';
import { ERROR_STATUS } from '../../api/errors.js';
import { createTestApp } from './support/test-app.js';
import { API_KEY } from './support/test-config.js';

async function documentOfApp(): Promise<OpenApiDocument> {
  return (await createTestApp().app.inject('/openapi.json')).json();
}

function operationsOf({ paths }: OpenApiDocument): readonly (readonly [name: string, Operation])[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
    ),
  );
}

interface Media {
  readonly schema: object;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

/** Every body of a request or an answer with its examples. */
function bodiesOf(operation: Operation): readonly Media[] {
  return [operation.requestBody ?? {}, ...Object.values(operation.responses)].flatMap((holder) =>
    Object.values((holder['content'] ?? {}) as Record<string, Media>),
  );
}

describe('/openapi.json', () => {
  it('is a valid OpenAPI 3.1 document', async () => {
    const validator = new Validator();
    const result = await validator.validate({ ...(await documentOfApp()) });
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(validator.version).toBe('3.1');
  });

  it('has every route of the app, and no other', async () => {
    const names = operationsOf(await documentOfApp()).map(([name]) => name);
    const { app } = createTestApp();
    await app.ready();
    expect(app.collectedRoutes().bare, 'routes without a contract').toEqual([]);
    for (const name of names) {
      const [method = '', path = ''] = name.split(' ');
      const url = path.replaceAll(/\{([A-Za-z]+)\}/g, ':$1');
      expect(app.hasRoute({ method: method, url }), name).toBe(true);
    }
    expect(names.length).toBeGreaterThan(20);
  });

  it('names each operation once, and lists every error code', async () => {
    const document = await documentOfApp();
    const ids = operationsOf(document).map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const told = JSON.stringify(document.paths);
    // What only Tocsin's own answers to strange addresses say.
    const elsewhere = ['not-found', 'method-not-allowed'];
    const missing = Object.keys(ERROR_STATUS).filter(
      (code) => !told.includes(`\`${code}\``) && !elsewhere.includes(code),
    );
    expect(missing).toEqual([]);
  });

  it('has examples that its schemas allow, one for every action', async () => {
    const document = await documentOfApp();
    const ajv = new Ajv2020({ strict: false, schemas: [{ $id: 'https://tocsin.test/', ...document }] });
    let examples = 0;
    for (const [name, operation] of operationsOf(document)) {
      for (const { schema, examples: given = {} } of bodiesOf(operation)) {
        const text = JSON.stringify(schema).replaceAll('"#/components', '"https://tocsin.test/#/components');
        const validate = ajv.compile(JSON.parse(text) as object);
        for (const { value } of Object.values(given)) {
          examples += 1;
          expect(validate(value), `${name}: ${ajv.errorsText(validate.errors)}`).toBe(true);
        }
      }
      if (operation.tags.includes('actions')) expect(bodiesOf(operation)[0]?.examples, name).toBeDefined();
    }
    expect(examples).toBeGreaterThan(15);
  });

  it('marks who may come in', async () => {
    const operations = new Map(operationsOf(await documentOfApp()));
    expect(operations.get('GET /v1/incidents')?.security).toEqual([{ 'api-key': ['read'] }]);
    expect(operations.get('POST /v1/keys')?.security).toEqual([{ 'api-key': ['admin'] }]);
    expect(operations.get('POST /v1/alerts/alertmanager')?.security).toEqual([{ 'integration-key': [] }]);
    expect(operations.get('POST /hooks/twilio/sms')?.security).toEqual([{ 'twilio-signature': [] }]);
    expect(operations.get('GET /healthz')?.security).toEqual([]);
    expect(operations.get('GET /i/{token}')?.tags).toEqual(['links']);
  });

  it('tells its version, that of the package, and where this Tocsin is', async () => {
    const document = await documentOfApp();
    const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
    expect((JSON.parse(text) as { version: string }).version).toBe(VERSION);
    expect(document.info['version']).toBe(VERSION);
    expect(document.servers).toEqual([{ url: 'https://tocsin.example.com' }]);
  });

  it('is sent once to whoever keeps it', async () => {
    const { app } = createTestApp();
    const first = await app.inject('/openapi.json');
    const etag = String(first.headers['etag']);
    const again = await app.inject({ url: '/openapi.json', headers: { 'if-none-match': etag } });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });
});

describe('/', () => {
  it('leads a browser to the docs', async () => {
    const answer = await createTestApp().app.inject('/');
    expect([answer.statusCode, answer.headers.location]).toEqual([302, 'docs']);
  });
});

describe('/docs', () => {
  it('shows every operation, loads nothing, and leaks no key', async () => {
    const answer = await createTestApp().app.inject('/docs');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    for (const [name, { operationId }] of operationsOf(await documentOfApp())) {
      expect(answer.body, name).toContain(name);
      expect(answer.body).toContain(`id="${operationId}"`);
    }
    expect(answer.body).not.toMatch(/<script|<link|src="|url\(|@import/);
    expect(answer.body).not.toContain(API_KEY);
  });
});
