/** Closes a discriminated union: a new member that nobody handles is a compile error here. */
export function assertNever(value: never, what: string): never {
  throw new TypeError(`Unexpected ${what}: ${JSON.stringify(value)}`);
}
