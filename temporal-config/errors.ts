/** What can be wrong between Tocsin and Temporal, by name. The CLI and metrics use the code; people read the message. */
export type TemporalSetupErrorCode =
  | 'CONFIG_INVALID'
  | 'UNREACHABLE'
  | 'CLI_NOT_FOUND'
  | 'TEST_SERVER_NOT_FOUND'
  | 'PORT_TAKEN'
  | 'DATABASE_IN_USE'
  | 'DATABASE_DAMAGED'
  | 'SERVER_DIED'
  | 'SERVER_SLOW'
  | 'NAMESPACE_REFUSED'
  | 'SEARCH_ATTRIBUTE_CONFLICT'
  | 'SEARCH_ATTRIBUTES_REFUSED';

/** A problem with the set-up that a person mends. The message says what, where and how; no stack is needed to act on it. */
export class TemporalSetupError extends Error {
  override readonly name = 'TemporalSetupError';

  constructor(
    readonly code: TemporalSetupErrorCode,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
