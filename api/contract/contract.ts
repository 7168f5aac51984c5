import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { AccessScope } from '../../domain/access/scope.js';
import type { ErrorCode } from '../errors.js';
import { checkBody, checkQuery } from '../validate.js';

/** Who may come in: the security schemes of the document (api/contract/security.ts). */
export type Auth =
  | 'none'
  /** A key of `apiKeys`, or one of the store, with the scope of the route. */
  | 'api-key'
  /** The key of an integration. */
  | 'integration-key'
  /** The key of an integration, inside the body. */
  | 'routing-key'
  /** Twilio's signature. */
  | 'twilio-signature'
  /** The key of an SMS gateway's replies. */
  | 'gateway-key'
  /** The key of a heartbeat, in the address or as bearer token. */
  | 'heartbeat-key'
  /** The signed token in the address. */
  | 'link';

/** The headings of the document. */
export type Tag = 'incidents' | 'actions' | 'on call' | 'alerts' | 'links' | 'hooks' | 'operating';

/** What is sent: where it is JSON, `addRoute` checks it by this very schema. */
export interface ContractBody {
  readonly schema: z.ZodType;
  /** Default: application/json. */
  readonly type?: 'application/json' | 'application/x-www-form-urlencoded' | 'application/x-ndjson';
  readonly description?: string;
  /** True: it may be left out, which means `{}`. */
  readonly optional?: boolean;
  readonly examples?: Readonly<Record<string, unknown>>;
}

/** One answer that is no error of the one shape. */
export interface ContractAnswer {
  readonly description: string;
  /** Absent: it has no body. */
  readonly body?: z.ZodType;
  /** Default: application/json. */
  readonly type?: string;
  /** Beside `x-request-id`, which every answer has: name → what it says. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly example?: unknown;
  /** The same in other forms: media type → what stands in it. */
  readonly others?: Readonly<Record<string, { readonly body: z.ZodType; readonly example?: unknown }>>;
}

/** What one route promises. The document is made of nothing else, and what comes in is checked by nothing else. */
export type Contract = Promised & Access;

/** Who may come in. What needs an API key says how much that must be allowed. */
type Access =
  | { readonly auth: 'api-key'; readonly scope: AccessScope }
  | { readonly auth: Exclude<Auth, 'api-key'>; readonly scope?: never };

interface Promised {
  readonly tag: Tag;
  /** In the imperative, without a full stop. */
  readonly summary: string;
  readonly description?: string;
  /** Parts of the path, for the document: what they mean is for the handler to find out. */
  readonly params?: Readonly<Record<string, z.ZodType>>;
  readonly query?: z.ZodObject;
  /** Headers that the caller may send: name → what it does. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: ContractBody;
  readonly answers: Readonly<Record<number, ContractAnswer>>;
  /** Beside those that go with `auth` and `body`: see `errorsOf`. */
  readonly errors?: readonly ErrorCode[];
  /** The answers to errors have another shape, all told in `answers`: for protocols of others. */
  readonly ownErrors?: boolean;
  /** False: its GET changes something, so that HEAD is refused. */
  readonly head?: false;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route promises; a route without it fails the test of the document. */
    contract?: Contract;
  }
}

/** What a handler gets of a request, checked. */
export interface Asked<C extends Contract> {
  readonly query: C extends { readonly query: infer Q extends z.ZodType } ? z.output<Q> : undefined;
  readonly body: C extends { readonly body: { readonly schema: infer B extends z.ZodType } }
    ? z.output<B>
    : undefined;
}

/**
 * Adds a route that keeps its contract: query and body are checked by its schemas before the handler runs.
 * What they refuse is a 400 with every wrong field.
 */
export function addRoute<const C extends Contract>(
  app: FastifyInstance,
  method: 'GET' | 'POST',
  url: string,
  contract: C,
  handle: (asked: Asked<C>, request: FastifyRequest, reply: FastifyReply) => unknown,
): void {
  app.route({
    method,
    url,
    ...(contract.head === false ? { exposeHeadRoute: false } : {}),
    config: { contract },
    handler: (request, reply) => {
      const asked = {
        query: contract.query === undefined ? undefined : checkQuery(contract.query, request.query),
        body: contract.body === undefined ? undefined : checkBody(contract.body.schema, request.body),
      };
      // The schemas are those of `C`: only the compiler has lost sight of it.
      return handle(asked as Asked<C>, request, reply);
    },
  });
}

/** A part of the path of a request. Empty when the route has no such part. */
export function paramOf(request: FastifyRequest, name: string): string {
  const params = request.params as Readonly<Record<string, unknown>>;
  const value = params[name];
  return typeof value === 'string' ? value : '';
}
