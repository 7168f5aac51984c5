/** One request that reached the stand-in for the SMS provider. */
export interface Arrival {
  /** The mark that the load generator put into the alert's summary: `bench-…`. */
  readonly mark: string;
  /** When the request's head was there, by `now()` of clock.ts. */
  readonly at: number;
  /** A page asks for an answer; anything else is a notice. */
  readonly isPage: boolean;
  /** Recipient. */
  readonly to: string;
}

/** What the stand-in's process says: where it listens, then what arrived. */
export type ProviderSays =
  | { readonly type: 'ready'; readonly url: string }
  | { readonly type: 'arrivals'; readonly arrivals: readonly Arrival[] };

/** Marks that begin so are answered after {@link SLOW_ANSWER_MS}, as a provider on the internet does. */
export const SLOW_MARK = 'bench-slow';
export const SLOW_ANSWER_MS = 100;
