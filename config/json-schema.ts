import * as z from 'zod';
import { root } from './schema/root.js';

/** A JSON Schema as plain data, as far as Tocsin looks into it. */
export interface JsonSchema {
  readonly [key: string]: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/**
 * The JSON Schema (draft 7) of a config file, for editors. It knows the shape of everything, not what must fit together
 * across entries and files: that is for `tocsin check`.
 */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(root, { target: 'draft-7', io: 'input' });
  return { ...schema, title: 'Tocsin configuration' } as JsonSchema;
}

/** The keys that may stand in the map at this path; empty when any may, or when there is no map. */
export function keysAt(schema: JsonSchema, path: readonly PropertyKey[]): readonly string[] {
  let current: readonly JsonSchema[] = [schema];
  for (const part of path) {
    current = current
      .flatMap((each) => [each, ...(each.anyOf ?? []), ...(each.oneOf ?? [])])
      .flatMap((each) => {
        const next =
          typeof part === 'number'
            ? each.items
            : (each.properties?.[String(part)] ??
              (typeof each.additionalProperties === 'object' ? each.additionalProperties : undefined));
        return next === undefined ? [] : [next];
      });
  }
  return current
    .flatMap((each) => [each, ...(each.anyOf ?? []), ...(each.oneOf ?? [])])
    .flatMap((each) => Object.keys(each.properties ?? {}));
}
