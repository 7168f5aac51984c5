/** What the `tocsin` command's exit codes mean; `tocsin --help` prints them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  badUsage: 2,
  unreachable: 3,
  interrupted: 130,
} as const;

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure that is told to a person in its own words: what happened, and how to mend it. No stack. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  readonly exitCode: ExitCode;
  /** Stable name for `--json`. */
  readonly code: string;
  readonly remedy?: string;

  constructor(
    message: string,
    details: {
      readonly code: string;
      readonly exitCode?: ExitCode;
      readonly remedy?: string;
      readonly cause?: unknown;
    },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.exitCode = details.exitCode ?? EXIT.failed;
    if (details.remedy !== undefined) this.remedy = details.remedy;
  }
}
