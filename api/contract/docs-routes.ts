import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { VERSION } from '../../domain/version.js';
import { docsPage } from '../../web/docs-page.js';
import { CONTENT_SECURITY_POLICY } from '../../web/layout.js';
import type { AppDeps } from '../deps.js';
import { CONDITIONAL, NOT_MODIFIED, sendTagged, TAGGED } from '../etag.js';
import type { CollectedRoutes } from './collect-routes.js';
import { addRoute } from './contract.js';
import { documentOf, type OpenApiDocument } from './document.js';

/** `/openapi.json`, and `/docs` for people: for anybody, they tell nothing of this installation. */
export function docsRoutes(app: FastifyInstance, deps: AppDeps, routes: () => CollectedRoutes): void {
  let made: OpenApiDocument | undefined;
  // Made when somebody asks: starting up is quicker without.
  const document = (): OpenApiDocument => (made ??= documentOf(routes().described, VERSION, deps.publicUrl));

  addRoute(
    app,
    'GET',
    '/openapi.json',
    {
      tag: 'operating',
      summary: 'This document: OpenAPI 3.1',
      auth: 'none',
      headers: CONDITIONAL,
      answers: {
        200: {
          description: 'For generators of clients.',
          body: z.looseObject({ openapi: z.string() }),
          headers: TAGGED,
        },
        ...NOT_MODIFIED,
      },
    },
    (_asked, request, reply) => sendTagged(request, reply, document()),
  );

  addRoute(
    app,
    'GET',
    '/docs',
    {
      tag: 'operating',
      summary: 'This document as a page for people',
      auth: 'none',
      answers: {
        200: { description: 'A page that loads nothing else.', type: 'text/html', body: z.string() },
      },
    },
    (_asked, _request, reply) =>
      reply
        .headers({
          'content-security-policy': CONTENT_SECURITY_POLICY,
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
        })
        .type('text/html; charset=utf-8')
        .send(docsPage(document())),
  );

  addRoute(
    app,
    'GET',
    '/',
    {
      tag: 'operating',
      summary: 'Where a browser begins',
      auth: 'none',
      answers: { 302: { description: 'To `/docs`.', headers: { location: 'Where that is.' } } },
    },
    // Relative: a proxy may have put the API below a path of its own.
    (_asked, _request, reply) => reply.redirect('docs'),
  );
}
