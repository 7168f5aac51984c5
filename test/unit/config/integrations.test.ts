import { describe, expect, it } from 'vitest';
import { senders } from '../../../api/intake/senders.js';
import { configJsonSchema } from '../../../config/json-schema.js';
import { configOf, load, said, yamlWith } from './support.js';

describe('integrations', () => {
  it.each(Object.keys(senders))('may be of kind %s', (kind) => {
    const config = configOf({ integrations: `\n  one: { kind: ${kind}, key: $ONE }` }, { ONE: 'a-key' });
    expect(config.integrations).toEqual([{ id: 'one', kind, key: 'a-key' }]);
    expect(JSON.stringify(configJsonSchema())).toContain(`"${kind}"`);
  });

  it('name what kinds there are where one is wrong or missing', () => {
    const integrations = '\n  one: { key: $ONE }\n  two: { kind: pagerdutty, key: $TWO }';
    const result = load(yamlWith({ integrations }), { ONE: 'a', TWO: 'b' });
    const [missing, wrong] = said(result).filter(({ level }) => level === 'error');
    expect(missing).toMatchObject({
      path: 'integrations.one.kind',
      remedy: expect.stringContaining('pagerduty') as string,
    });
    expect(wrong?.path).toBe('integrations.two.kind');
    expect(`${wrong?.message} ${wrong?.remedy}`).toContain('pagerduty');
  });

  it('of kind pagerduty cannot be grouped by labels: its acknowledge and resolve have none', () => {
    const result = load(
      yamlWith({ integrations: '\n  one: { kind: pagerduty, key: $ONE, groupBy: [host] }' }),
      {
        ONE: 'a-key',
      },
    );
    expect(said(result).filter(({ level }) => level === 'error')).toMatchObject([
      {
        path: 'integrations.one.groupBy',
        message: 'cannot go with kind pagerduty',
        remedy: 'Leave groupBy out: a PagerDuty event names its incident by its dedup key.',
      },
    ]);
  });
});
