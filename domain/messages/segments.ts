import { isGsm7, smsLength } from './gsm7.js';

/** Places of one segment alone, and of each of several, which carry a header. Source: 3GPP TS 23.038 and 23.040. */
const GSM7 = { alone: 160, each: 153 } as const;
const UCS2 = { alone: 70, each: 67 } as const;

/** How many segments a text message takes: it is paid, and limited, by these. At least 1. */
export function smsSegments(text: string): number {
  const { alone, each } = isGsm7(text) ? GSM7 : UCS2;
  const length = smsLength(text);
  return length <= alone ? 1 : Math.ceil(length / each);
}
