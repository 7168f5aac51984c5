import { z } from 'zod';
import type { DocumentToShow, OperationToShow } from '../../web/docs-page.js';
import { ERROR_STATUS, type ErrorCode } from '../errors.js';
import type { Contract, ContractAnswer, ContractBody, Tag } from './contract.js';
import { jsonOf, noSchemas, type Json, type Schemas } from './json-of.js';
import { errorSchema } from './schemas.js';
import { SECURITY } from './security.js';

/** A route as the app has it. */
export interface ContractedRoute {
  readonly method: string;
  /** As fastify writes it, e.g. `/v1/incidents/:id`. */
  readonly url: string;
  readonly contract: Contract;
}

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument extends DocumentToShow {
  readonly openapi: string;
  readonly servers: readonly Json[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: DocumentToShow['components'] & { readonly securitySchemes: Json };
}

/** One operation of the document. */
export interface Operation extends OperationToShow {
  readonly tags: readonly Tag[];
}

const TAGS: Readonly<Record<Tag, string>> = {
  incidents: 'Lists and reads them, declares one by hand, publishes a postmortem.',
  actions: 'What people do about an incident. Each is answered with one sentence, and counts once.',
  'on call': 'Who is on call.',
  alerts: 'For alert senders. 202 means durable: Temporal has it.',
  links: 'The pages behind the links in messages: for browsers.',
  hooks: 'For Twilio alone: it is told these addresses with each message and call.',
  operating: 'For machines that watch Tocsin, and this document.',
};

const DESCRIPTION = `On-call paging and incident escalation on Temporal.

Every error has one shape with a stable \`code\` (schema \`Error\`), a sentence, and a remedy. Times are milliseconds since 1970-01-01T00:00Z. Fields and codes may be added; none is renamed or reused. Every answer has the header \`x-request-id\`, which is found in the logs.`;

/** Errors that any route can end in. */
const ANYWHERE: readonly ErrorCode[] = ['internal', 'invalid-request'];

/** The document of these routes. Schemas with an id are told once, under `components`. */
export function documentOf(
  routes: readonly ContractedRoute[],
  version: string,
  publicUrl: string,
): OpenApiDocument {
  const schemas = noSchemas();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const path = route.url.replaceAll(/:([A-Za-z]+)/g, '{$1}');
    (paths[path] ??= {})[route.method.toLowerCase()] = operationOf(route, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tocsin',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: Object.fromEntries([...schemas.named].sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: Object.fromEntries(
        Object.entries(SECURITY).flatMap(([name, { scheme }]) => (scheme === null ? [] : [[name, scheme]])),
      ),
    },
  };
}

function operationOf({ method, url, contract }: ContractedRoute, schemas: Schemas): Operation {
  const { tag, summary, description, auth, scope, body } = contract;
  return {
    operationId: operationIdOf(method, url),
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: SECURITY[auth].scheme === null ? [] : [{ [auth]: scope === undefined ? [] : [scope] }],
    parameters: parametersOf(contract, schemas),
    ...(body === undefined ? {} : { requestBody: bodyOf(body, schemas) }),
    responses: responsesOf(contract, schemas),
  };
}

/** "postV1IncidentsIdAcknowledge": what generated clients call it. */
function operationIdOf(method: string, url: string): string {
  const words = url.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return [method.toLowerCase(), ...words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))].join(
    '',
  );
}

function parametersOf({ params = {}, query, headers = {} }: Contract, schemas: Schemas): Json[] {
  return [
    ...Object.entries(params).map(([name, schema]) => parameter('path', name, true, schema, schemas)),
    ...Object.entries(query?.shape ?? {}).map(([name, schema]) =>
      parameter('query', name, false, schema as z.ZodType, schemas),
    ),
    ...Object.entries(headers).map(([name, text]) =>
      parameter('header', name, false, z.string().describe(text), schemas),
    ),
  ];
}

function parameter(
  where: string,
  name: string,
  required: boolean,
  schema: z.ZodType,
  schemas: Schemas,
): Json {
  const { description, ...rest } = jsonOf(schema, 'input', schemas);
  return { in: where, name, required, ...(description === undefined ? {} : { description }), schema: rest };
}

function bodyOf(body: ContractBody, schemas: Schemas): Json {
  const { schema, type = 'application/json', description, optional = false, examples } = body;
  return {
    required: !optional,
    ...(description === undefined ? {} : { description }),
    content: {
      [type]: {
        schema: jsonOf(schema, 'input', schemas),
        ...(examples === undefined
          ? {}
          : {
              examples: Object.fromEntries(
                Object.entries(examples).map(([name, value]) => [name, { value }]),
              ),
            }),
      },
    },
  };
}

function responsesOf(contract: Contract, schemas: Schemas): Record<string, Json> {
  const responses: Record<string, Json> = {};
  for (const [status, answer] of Object.entries(contract.answers))
    responses[status] = answerOf(answer, schemas);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorsOf(contract)) {
    const status = ERROR_STATUS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  for (const [status, codes] of byStatus) {
    // An answer of its own under the same status (a readiness that is not ready) stands beside the error.
    const own = contract.answers[status];
    const error = jsonOf(errorSchema, 'output', schemas);
    const schema = own?.body === undefined ? error : { anyOf: [jsonOf(own.body, 'output', schemas), error] };
    responses[String(status)] = {
      description: [
        ...(own === undefined ? [] : [own.description]),
        codes.map((code) => `\`${code}\``).join(', '),
      ].join(' Or: '),
      headers: requestIdHeader,
      content: { 'application/json': { schema } },
    };
  }
  return Object.fromEntries(Object.entries(responses).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const requestIdHeader = {
  'x-request-id': { description: 'Names this request in the logs.', schema: { type: 'string' } },
} as const;

function answerOf(
  { description, body, type = 'application/json', headers = {}, example, others = {} }: ContractAnswer,
  schemas: Schemas,
): Json {
  return {
    description,
    headers: {
      ...requestIdHeader,
      ...Object.fromEntries(
        Object.entries(headers).map(([name, text]) => [
          name,
          { description: text, schema: { type: 'string' } },
        ]),
      ),
    },
    ...(body === undefined
      ? {}
      : {
          content: Object.fromEntries(
            Object.entries({ [type]: { body, example }, ...others }).map(([form, of]) => [
              form,
              {
                schema: jsonOf(of.body, 'output', schemas),
                ...(of.example === undefined ? {} : { examples: { example: { value: of.example } } }),
              },
            ]),
          ),
        }),
  };
}

/** Every code that this route can be answered with. */
export function errorsOf({
  auth,
  body,
  query,
  errors = [],
  ownErrors = false,
}: Contract): readonly ErrorCode[] {
  if (ownErrors) return [];
  const codes: readonly ErrorCode[] = [
    ...ANYWHERE,
    ...SECURITY[auth].errors,
    ...(query === undefined ? [] : (['invalid-query'] as const)),
    ...(body === undefined ? [] : (['body-too-large', 'unsupported-media-type'] as const)),
    ...(body !== undefined && body.type === undefined
      ? (['invalid-json', 'invalid-utf8', 'invalid-body'] as const)
      : []),
    ...errors,
  ];
  return [...new Set(codes)];
}
