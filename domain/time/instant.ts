/** A point in time: milliseconds since the Unix epoch, UTC. Comes in as an argument; nothing in domain/ reads a clock. */
export type Instant = number;

/** A span of time in milliseconds. */
export type Milliseconds = number;

export const SECOND: Milliseconds = 1_000;
export const MINUTE: Milliseconds = 60 * SECOND;
export const HOUR: Milliseconds = 60 * MINUTE;
export const DAY: Milliseconds = 24 * HOUR;
