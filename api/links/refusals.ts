import { ERROR_STATUS } from '../errors.js';

/** Why a link does not open, as a page. */
export interface Refusal {
  readonly status: number;
  readonly title: string;
  readonly sentences: readonly string[];
}

export const INSTEAD = 'You can reply to the message, or press a key in the call; nothing was changed.';

export const REFUSALS = {
  malformed: {
    status: ERROR_STATUS['not-found'],
    title: 'This link is incomplete',
    sentences: ['It may have been cut off on its way. Open it from the message itself.', INSTEAD],
  },
  forged: {
    status: ERROR_STATUS['forged-token'],
    title: 'This link is not valid',
    sentences: ['It was not given out by this Tocsin.', INSTEAD],
  },
  foreign: {
    status: ERROR_STATUS['forged-token'],
    title: 'This link is for something else',
    sentences: ['It does not open an incident.', INSTEAD],
  },
  expired: {
    status: ERROR_STATUS['expired-token'],
    title: 'This link has expired',
    sentences: ['Links are good for a week. A newer message has a newer link.', INSTEAD],
  },
  removed: {
    status: ERROR_STATUS['forged-token'],
    title: 'This link is no longer yours',
    sentences: [
      'The person it was made for is no longer in the configuration of Tocsin, so nothing was changed.',
      'Whoever runs Tocsin can add them again.',
    ],
  },
  gone: {
    status: ERROR_STATUS['incident-not-found'],
    title: 'This incident is no longer kept here',
    sentences: ['It was over long ago.'],
  },
} as const satisfies Record<string, Refusal>;
