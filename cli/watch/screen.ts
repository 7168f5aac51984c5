import type { Terminal } from '../context.js';

/** Draws over what it drew before, on a page of its own; the last frame stays in the terminal when it ends. */
export interface Screen {
  draw(frame: string): void;
  end(): void;
}

const ESC = String.fromCharCode(27);
/** ECMA-48 and the xterm extensions that every terminal of today knows. */
const OTHER_PAGE = `${ESC}[?1049h${ESC}[?25l${ESC}[?7l`;
const OWN_PAGE = `${ESC}[?7h${ESC}[?25h${ESC}[?1049l`;
const HOME = `${ESC}[H`;
const TO_END_OF_LINE = `${ESC}[K`;
const TO_END_OF_PAGE = `${ESC}[J`;

/** What does not fit is cut off at the bottom and said so; lines are cut by the terminal. */
export function createScreen(terminal: Terminal): Screen {
  let last: string | null = null;
  return {
    draw: (frame) => {
      if (last === null) terminal.write(OTHER_PAGE);
      last = frame;
      const lines = fitting(frame.split('\n'), terminal.rows());
      terminal.write(`${HOME}${lines.map((line) => line + TO_END_OF_LINE).join('\r\n')}${TO_END_OF_PAGE}`);
    },
    end: () => {
      if (last !== null) terminal.write(`${OWN_PAGE}${last}\n`);
      last = null;
    },
  };
}

function fitting(lines: readonly string[], rows: number): readonly string[] {
  if (lines.length <= rows) return lines;
  const kept = lines.slice(0, rows - 1);
  return [...kept, `… ${lines.length - kept.length} more lines: make the terminal higher`];
}
