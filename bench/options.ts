import { parseArgs } from 'node:util';

/** What can be measured, in the order in which it is. */
export const MEASURES = [
  'simulations',
  'on-call',
  'rate-1',
  'rate-10',
  'rate-20',
  'burst',
  'ack',
  'storm',
  'lateness',
  'recovery',
  'store',
  'memory',
  'memory-small',
] as const;
export type Measure = (typeof MEASURES)[number];

export interface Options {
  readonly quick: boolean;
  /** Where the numbers go as JSON; absent: nowhere. */
  readonly json?: string;
  readonly only: ReadonlySet<Measure>;
}

/** The words on the command line are wrong. */
export class UsageError extends Error {}

/** Reads the command line. @throws UsageError */
export function readOptions(args: readonly string[]): Options {
  const values = parsed(args);
  const only = (values.only ?? []).flatMap((names) => names.split(','));
  for (const name of only) {
    if (!isMeasure(name))
      throw new UsageError(`There is no measure "${name}"; there are ${MEASURES.join(', ')}.`);
  }
  return {
    quick: values.quick ?? false,
    ...(values.json === undefined ? {} : { json: values.json }),
    only: new Set(only.length === 0 ? MEASURES : only.filter(isMeasure)),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean' },
        json: { type: 'string' },
        only: { type: 'string', multiple: true },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}; see --help.`);
  }
}

function isMeasure(name: string): name is Measure {
  return (MEASURES as readonly string[]).includes(name);
}
