/** A letter that failed in a way that may pass is tried again for a while: after that it is old news. */
export const LETTERS = {
  startToCloseTimeout: '60s',
  scheduleToCloseTimeout: '10m',
  heartbeatTimeout: '5s',
  retry: { initialInterval: '2s', maximumInterval: '60s' },
} as const;

/** Answered from the cached configuration and the overrides that are known. */
export const LOOKS = {
  startToCloseTimeout: '2s',
  scheduleToCloseTimeout: '60s',
  retry: { initialInterval: '100ms', maximumInterval: '2s' },
} as const;
