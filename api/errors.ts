/** One wrong field. */
export interface Problem {
  /** Where, e.g. `alerts[2].startsAt`; `(body)` for the whole. */
  readonly path: string;
  readonly message: string;
}

/**
 * The one catalogue of error codes: what a program may rely on, with the HTTP status it comes with. Codes are never
 * renamed or reused.
 */
export const ERROR_STATUS = {
  'invalid-json': 400,
  'invalid-utf8': 400,
  'invalid-body': 400,
  'invalid-query': 400,
  'invalid-request': 400,
  'unknown-user': 400,
  'unknown-severity': 400,
  'unknown-responder': 400,
  'nobody-reachable': 400,
  'unknown-schedule': 400,
  'invalid-override': 400,
  'unknown-service': 400,
  'invalid-maintenance': 400,
  'wrong-code': 400,
  'invalid-backup': 400,
  'snooze-out-of-bounds': 400,
  'missing-key': 401,
  'wrong-key': 401,
  'key-not-allowed': 403,
  'scope-missing': 403,
  'forged-signature': 403,
  'forged-token': 403,
  'not-found': 404,
  'incident-not-found': 404,
  'calendar-not-found': 404,
  'user-not-found': 404,
  'contact-method-not-found': 404,
  'key-not-found': 404,
  'schedule-not-found': 404,
  'override-not-found': 404,
  'maintenance-not-found': 404,
  'heartbeat-not-found': 404,
  'handoff-not-found': 404,
  'note-not-found': 404,
  'method-not-allowed': 405,
  'incident-over': 409,
  'ambiguous-code': 409,
  'no-review': 409,
  'idempotency-key-reused': 409,
  'reassign-refused': 409,
  'too-many-responders': 409,
  'override-conflict': 409,
  'override-over': 409,
  'maintenance-in-config': 409,
  'maintenance-over': 409,
  'swap-refused': 409,
  'handoff-refused': 409,
  'handoff-over': 409,
  'store-not-empty': 409,
  'backup-too-new': 409,
  'nothing-to-verify': 409,
  'expired-token': 410,
  'code-over': 410,
  'incident-changed': 412,
  'body-too-large': 413,
  'unsupported-media-type': 415,
  'too-many-codes': 429,
  'temporal-unavailable': 503,
  'worker-unavailable': 503,
  'no-store': 503,
  'store-away': 503,
  'store-too-new': 503,
  overloaded: 503,
  internal: 500,
} as const;

/** A stable error code. */
export type ErrorCode = keyof typeof ERROR_STATUS;

/** The body of every error answer. */
export interface ErrorBody {
  readonly error: {
    readonly code: ErrorCode;
    /** What happened, for people. */
    readonly message: string;
    /** Every wrong field, where that is what happened. */
    readonly problems?: readonly Problem[];
    /** What to do about it. */
    readonly remedy?: string;
    /** Found in the logs and in the header `x-request-id`. */
    readonly requestId: string;
  };
}

/** An error that is answered as it stands. Anything else that is thrown is a 500. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode;
  readonly problems?: readonly Problem[];
  readonly remedy?: string;
  /** Extra headers of the answer, e.g. `allow`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ErrorCode,
    message: string,
    details: {
      readonly problems?: readonly Problem[];
      readonly remedy?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    if (details.problems !== undefined) this.problems = details.problems;
    if (details.remedy !== undefined) this.remedy = details.remedy;
    this.headers = details.headers ?? {};
  }

  /** The HTTP status of its code. */
  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

/** The body that an error is answered with. */
export function errorBody(error: ApiError, requestId: string): ErrorBody {
  return {
    error: {
      code: error.code,
      message: error.message,
      ...(error.problems === undefined ? {} : { problems: error.problems }),
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      requestId,
    },
  };
}

/** How long a sender should wait before it tries again while Temporal or the store is away. */
export const RETRY_AFTER_SECONDS = 5;
