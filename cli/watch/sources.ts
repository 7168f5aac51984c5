import { expect, type ApiClient } from '../api-client.js';
import { incidentPage, listPath, type FilterFlags } from '../commands/incidents.js';
import { followedFrom, type Followed, type Listed } from './followed.js';

/** Where what is watched comes from. */
export interface Source<T> {
  /** What it is now; null when it is as it was. @throws CliFailure */
  news(): Promise<T | null>;
  /** Whoever answers next may be another version, with other words under the same tag. */
  forgetTags(): void;
}

/** The API gives at most so many at once. */
const PAGE_SIZE = 100;
/** With a text to look for pages may be nearly empty: so many are asked for all the same, and no more. */
const MOST_PAGES = 20;

/** One thing of the API, as it stands there. */
export function documentSource<T>(client: ApiClient, path: string, read: (body: unknown) => T): Source<T> {
  let tag: string | null = null;
  return {
    async news() {
      const answer = await client.changed(path, tag);
      if (answer === null) return null;
      ({ tag } = answer);
      return read(answer.body);
    },
    forgetTags: () => {
      tag = null;
    },
  };
}

interface Page {
  readonly tag: string | null;
  readonly incidents: readonly Listed[];
  readonly next?: string | undefined;
}

/** The list that these flags mean, page after page, at most `flags.limit` of it. */
export function listSource(client: ApiClient, flags: FilterFlags): Source<Followed> {
  const limit = Math.min(PAGE_SIZE, flags.limit);
  let pages: ReadonlyMap<string, Page> = new Map();
  let last: Followed | null = null;

  async function pageAt(path: string): Promise<{ readonly page: Page; readonly isNew: boolean }> {
    const known = pages.get(path);
    const answer = await client.changed(path, known?.tag ?? null);
    if (answer !== null)
      return { page: { tag: answer.tag, ...expect(incidentPage, answer.body) }, isNew: true };
    // "As it was" is said only to who named a tag.
    if (known === undefined) throw new Error(`"Not modified" is no answer to a first question for ${path}.`);
    return { page: known, isNew: false };
  }

  return {
    async news() {
      const read = new Map<string, Page>();
      const found = new Map<string, Listed>();
      let isNew = false;
      let next: string | undefined;
      do {
        const path = listPath({ ...flags, limit, ...(next === undefined ? {} : { cursor: next }) });
        const asked = await pageAt(path);
        read.set(path, asked.page);
        isNew ||= asked.isNew;
        // One that ends between two pages is on both: the later word counts, at the first place.
        for (const incident of asked.page.incidents) found.set(incident.openingId, incident);
        ({ next } = asked.page);
      } while (next !== undefined && found.size < flags.limit && read.size < MOST_PAGES);
      const isSame = last !== null && !isNew && read.size === pages.size;
      pages = read;
      if (isSame) return null;
      const incidents = [...found.values()].slice(0, flags.limit);
      last = followedFrom(last, incidents, next === undefined && found.size <= flags.limit);
      return last;
    },
    forgetTags: () => {
      pages = new Map();
    },
  };
}
