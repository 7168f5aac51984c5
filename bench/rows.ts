/** A line of the table: measure, bare, tocsin, ratio, aim, met. */
export type Row = readonly [string, string, string, string, string, string];

/** A measure that the bare workflow does not have. */
export function alone(measure: string, tocsin: string): Row {
  return [measure, '', tocsin, '', '', ''];
}

/** The same with an aim: the value must not be above it. */
export function below(measure: string, shown: string, value: number, aim: number): Row {
  return [measure, '', shown, '', `≤ ${aim}`, value <= aim ? 'yes' : 'no'];
}

/** The same the other way round: the value must not be below the aim. */
export function above(measure: string, shown: string, value: number, aim: number): Row {
  return [measure, '', shown, '', `≥ ${aim}`, value >= aim ? 'yes' : 'no'];
}

/** Two figures of one measure. */
export function pair(one: number, other: number): string {
  return `${one.toFixed(1)} / ${other.toFixed(1)}`;
}
