import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { configJsonSchema, keysAt } from '../../../config/json-schema.js';

describe('the JSON Schema for editors', () => {
  it('in examples/ is that of the code', async () => {
    const kept: unknown = JSON.parse(await readFile('examples/tocsin.schema.json', 'utf8'));
    // Mend: write JSON.stringify(configJsonSchema()) to examples/tocsin.schema.json and format it.
    expect(kept).toEqual(configJsonSchema());
  });

  it('knows the keys of every map', () => {
    const schema = configJsonSchema();
    expect(keysAt(schema, ['businessHours'])).toEqual(['zone', 'days', 'from', 'to', 'holidays']);
    expect(keysAt(schema, ['policies', 'any', 'steps', 3])).toEqual(['name', 'targets', 'timeout']);
    expect(keysAt(schema, ['schedules', 'any', 'secondary'])).toContain('participants');
    expect(keysAt(schema, ['nowhere'])).toEqual([]);
  });

  it('asks for durations, zones and keys in the forms that are accepted', () => {
    const text = JSON.stringify(configJsonSchema());
    expect(text).toContain('ms|s|m|h|d|w');
    expect(text).toContain('draft-07');
  });
});
