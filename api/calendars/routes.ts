import type { FastifyInstance } from 'fastify';
import type { AppDeps } from '../deps.js';
import { calendarFeedRoute } from './feed-route.js';
import { createKnownCalendars } from './known-calendars.js';
import { calendarRoutes } from './manage-routes.js';

/** Calendars: `open` adds what needs no key, `keyed` what does. They share what they know of the store. */
export function createCalendarRoutes(deps: AppDeps): {
  readonly open: (app: FastifyInstance) => void;
  readonly keyed: (app: FastifyInstance) => void;
} {
  const { store, now, log } = deps;
  const known = store === undefined ? undefined : createKnownCalendars({ store, now, log });
  return {
    open: (app) => calendarFeedRoute(app, deps, known),
    keyed: (app) => calendarRoutes(app, deps, known),
  };
}
