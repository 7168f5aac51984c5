import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import type { Instant } from '../domain/time/instant.js';

/** The typed search attributes by which the ops team and the API find incidents and reviews. */
export const attributes = {
  /** `incident` or `review`. */
  kind: defineSearchAttributeKey('TocsinKind', 'KEYWORD'),
  opening: defineSearchAttributeKey('TocsinOpening', 'KEYWORD'),
  /** When the incident opened. The start of a run says less: a long incident goes on in new runs. */
  opened: defineSearchAttributeKey('TocsinOpened', 'DATETIME'),
  code: defineSearchAttributeKey('TocsinCode', 'KEYWORD'),
  service: defineSearchAttributeKey('TocsinService', 'KEYWORD'),
  team: defineSearchAttributeKey('TocsinTeam', 'KEYWORD'),
  severity: defineSearchAttributeKey('TocsinSeverity', 'KEYWORD'),
  phase: defineSearchAttributeKey('TocsinPhase', 'KEYWORD'),
  owner: defineSearchAttributeKey('TocsinOwner', 'KEYWORD'),
  /** People with an unanswered page of this incident now. */
  paged: defineSearchAttributeKey('TocsinPaged', 'KEYWORD_LIST'),
  /** Everybody who was ever paged for it or acted on it. */
  responders: defineSearchAttributeKey('TocsinResponders', 'KEYWORD_LIST'),
} as const;

const TYPE_NAMES = { KEYWORD: 'Keyword', KEYWORD_LIST: 'KeywordList', DATETIME: 'Datetime' } as const;

type TypeName = (typeof TYPE_NAMES)[keyof typeof TYPE_NAMES];

/** Name → type, as the server registers them. */
export const searchAttributeTypes: Readonly<Record<string, TypeName>> = Object.fromEntries(
  Object.values(attributes).map((key) => [key.name, TYPE_NAMES[key.type]]),
);

/** The plain facts that become search attributes. */
export interface IncidentFacts {
  readonly kind: 'incident' | 'review';
  readonly openingId: string;
  readonly openedAt: Instant;
  readonly code: string;
  readonly service: string;
  readonly team?: string;
  readonly severity: string;
  readonly phase: string;
  readonly owner?: string;
  readonly paged: readonly string[];
  readonly responders: readonly string[];
}

/** A value over 2 kB makes the server terminate the workflow; lists stop well before. Source: spec, "Search attributes". */
const LIST_BYTES = 1_800;
/** Two quotes and a comma: the server measures a list as the JSON it is sent as. */
const FRAME_BYTES = 3;
const ID_BYTES = 12;

/**
 * An id as it stands in a search attribute: itself when it is short and plain, else a 12-character hash. Never personal data:
 * ids with an `@` or a `+` (an address, a phone number) are always hashed.
 */
export function opaqueId(id: string): string {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id) && id.length <= ID_BYTES ? id : hash12(id);
}

/** FNV-1a over UTF-16 units, twice with different seeds: short, stable, pure. Not a secret-keeper. */
function hash12(text: string): string {
  const half = (seed: number): string => {
    let value = seed;
    for (let index = 0; index < text.length; index += 1) {
      value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
    }
    return value.toString(36).padStart(7, '0').slice(-6);
  };
  return half(0x811c9dc5) + half(0x1b873593);
}

function boundedList(ids: readonly string[]): string[] {
  const list: string[] = [];
  let bytes = 0;
  for (const id of new Set(ids.map(opaqueId))) {
    bytes += id.length + FRAME_BYTES;
    if (bytes > LIST_BYTES) return [...list, '+more'];
    list.push(id);
  }
  return list;
}

/** The one function that builds search attributes: every value opaque, short and bounded. */
export function searchAttributesOf(facts: IncidentFacts): SearchAttributeUpdatePair[] {
  return [
    { key: attributes.kind, value: facts.kind },
    { key: attributes.opening, value: facts.openingId },
    { key: attributes.opened, value: new Date(facts.openedAt) },
    { key: attributes.code, value: facts.code },
    { key: attributes.service, value: opaqueId(facts.service) },
    { key: attributes.severity, value: opaqueId(facts.severity) },
    { key: attributes.phase, value: facts.phase },
    { key: attributes.team, value: facts.team === undefined ? null : opaqueId(facts.team) },
    { key: attributes.owner, value: facts.owner === undefined ? null : opaqueId(facts.owner) },
    { key: attributes.paged, value: boundedList(facts.paged) },
    { key: attributes.responders, value: boundedList(facts.responders) },
  ];
}
