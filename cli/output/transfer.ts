import type { Context } from '../context.js';

/** How far something large is, told now and then. */
export interface Progress {
  /** So many are to come. */
  begin(total: number): void;
  step(count?: number): void;
  /** "45,000 rows" */
  words(count: number): string;
}

/** What takes less than this tells nothing on the way. */
const EVERY_MS = 2_000;

/** Tells on stderr every two seconds. @param unit in the plural: "rows" */
export function createProgress({ say, now }: Pick<Context, 'say' | 'now'>, unit: string = 'rows'): Progress {
  let total = 0;
  let done = 0;
  let toldAt = now();
  const words = (count: number): string => `${count.toLocaleString('en-US')} ${unit}`;
  return {
    words,
    begin: (all) => {
      total = all;
      done = 0;
    },
    step: (count = 1) => {
      done += count;
      if (now() - toldAt < EVERY_MS) return;
      toldAt = now();
      say(`${done.toLocaleString('en-US')} of ${words(total)}`);
    },
  };
}

/** The lines of a text that comes in pieces, without their ends. */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of pieces) {
    const lines = `${rest}${decoder.decode(piece, { stream: true })}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
