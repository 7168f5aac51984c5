/** What one check found. */
export interface Finding {
  /** What was looked at, e.g. `Temporal`. */
  readonly name: string;
  /** `warn`: it works, but not as it should. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export function ok(name: string, detail: string): Finding {
  return { name, status: 'ok', detail };
}

export function warn(name: string, detail: string, remedy: string): Finding {
  return { name, status: 'warn', detail, remedy };
}

export function fail(name: string, detail: string, remedy: string): Finding {
  return { name, status: 'fail', detail, remedy };
}
