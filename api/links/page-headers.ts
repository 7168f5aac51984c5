import type { FastifyInstance } from 'fastify';
import { CONTENT_SECURITY_POLICY } from '../../web/layout.js';

/** Pages behind links in messages: kept nowhere, framed nowhere, named to nobody, found by no search engine. */
export function addPageHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    done();
  });
}
