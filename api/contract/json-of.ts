import { z } from 'zod';

/** Plain JSON, as far as the document is built here. */
export type Json = { readonly [key: string]: unknown };

/** What is known while a document is made. */
export interface Schemas {
  /** The schemas that have a name of their own. */
  readonly named: Map<string, Json>;
  /** What each became: the same errors stand behind every route. */
  readonly made: Readonly<Record<'input' | 'output', Map<z.ZodType, Json>>>;
}

/** Nothing is known yet. */
export function noSchemas(): Schemas {
  return { named: new Map(), made: { input: new Map(), output: new Map() } };
}

/**
 * The JSON Schema of a zod schema; those with an id go to `components` and are referred to. Objects stay open, for
 * requests (what is not known is ignored) and for answers (fields may be added).
 */
export function jsonOf(schema: z.ZodType, io: 'input' | 'output', schemas: Schemas): Json {
  const known = schemas.made[io].get(schema);
  if (known !== undefined) return known;
  const made = convert(schema, io, schemas.named);
  schemas.made[io].set(schema, made);
  return made;
}

function convert(schema: z.ZodType, io: 'input' | 'output', named: Schemas['named']): Json {
  // As a property: what stands at the root is never referred to.
  const { properties, $defs = {} } = z.toJSONSchema(z.object({ it: schema }), {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      // Bounds of JavaScript, not of ours.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  }) as unknown as { properties: { it: Json }; $defs?: Record<string, Json> };
  for (const [id, { id: _id, ...definition }] of Object.entries($defs)) {
    if (!named.has(id)) named.set(id, moved(definition) as Json);
  }
  return moved(properties.it) as Json;
}

function moved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moved);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key === '$ref' && typeof inner === 'string'
        ? [key, inner.replace('#/$defs/', '#/components/schemas/')]
        : [key, moved(inner)],
    ),
  );
}
