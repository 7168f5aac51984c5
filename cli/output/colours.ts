/** Wraps text in a terminal's colour, or leaves it alone. */
export interface Colours {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** Whether to use colours: only on a terminal, and never with NO_COLOR (no-color.org). FORCE_COLOR overrules the terminal. */
export function wantsColours(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const isSet = (name: string): boolean => env[name] !== undefined && env[name] !== '';
  if (isSet('NO_COLOR') || env['TERM'] === 'dumb') return false;
  return isTerminal || (isSet('FORCE_COLOR') && env['FORCE_COLOR'] !== '0');
}

/** Colours by ECMA-48, or none. */
export function createColours(enabled: boolean): Colours {
  const wrap =
    (open: number, close: number) =>
    (text: string): string =>
      enabled && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: wrap(1, 22),
    dim: wrap(2, 22),
    red: wrap(31, 39),
    green: wrap(32, 39),
    yellow: wrap(33, 39),
    cyan: wrap(36, 39),
  };
}

// Built from parts: a control character in a literal is easily overlooked.
const SEQUENCES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** How many columns a text takes, colours not counted. */
export function widthOf(text: string): number {
  return [...text.replace(SEQUENCES, '')].length;
}
