/**
 * So many characters of a label are matched. The time of a regular expression grows with the text, and while one runs
 * nothing else does: no alert, no answer. Prometheus' labels are far shorter.
 */
const LONGEST_MATCHED = 256;

/** The regular expression of `/pay.*\/`, which matches the whole value; null when it is none. Throws a SyntaxError when it is broken. */
export function regexOf(value: string): RegExp | null {
  const [, source] = /^\/(.+)\/$/s.exec(value) ?? [];
  return source === undefined ? null : new RegExp(`^(?:${source})$`, 'su');
}

/** Whether a label's value matches. Of a long value the first 256 characters count. */
export function matchesLabel(regex: RegExp, value: string): boolean {
  return regex.test(value.slice(0, LONGEST_MATCHED));
}

/** A part of a regular expression between its parentheses. */
interface Group {
  /** Whether something in it repeats. */
  repeats: boolean;
  /** Whether it offers a choice: `(a|a)*` is as slow as `(a*)*`. */
  chooses: boolean;
}

/**
 * Whether something that repeats is repeated as a whole, such as `(a+)+` or `(a|ab)*`: on a text that does not match, such an
 * expression may try for longer than the universe is old. `value` is a valid regular expression between slashes; some harmless
 * ones are caught too, and each can be written another way.
 */
export function hasNestedRepetition(value: string): boolean {
  const groups: Group[] = [{ repeats: false, chooses: false }];
  let closed: Group | null = null;
  // Escapes, classes, groups, quantifiers, alternatives; all else is one character.
  for (const [token] of value.matchAll(
    /\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:<?[=!]|:|<[^>]*>))?|\)|[*+]|\{\d+(?:,\d*)?\}|\||./gsu,
  )) {
    const current = groups.at(-1);
    if (current === undefined) return false;
    if (token.startsWith('(')) {
      groups.push({ repeats: false, chooses: false });
      closed = null;
    } else if (token === ')') {
      closed = groups.pop() ?? null;
      const parent = groups.at(-1);
      if (parent !== undefined && closed?.repeats === true) parent.repeats = true;
    } else if (isRepetition(token)) {
      if (closed !== null && (closed.repeats || closed.chooses)) return true;
      current.repeats = true;
      closed = null;
    } else {
      if (token === '|') current.chooses = true;
      closed = null;
    }
  }
  return false;
}

/** `?`, `{0,1}` and `{1}` repeat nothing. */
function isRepetition(token: string): boolean {
  if (token === '*' || token === '+') return true;
  const [, least, most] = /^\{(\d+)(?:,(\d*))?\}$/.exec(token) ?? [];
  if (least === undefined) return false;
  const longest = token.includes(',')
    ? most === ''
      ? Number.POSITIVE_INFINITY
      : Number(most)
    : Number(least);
  return longest > 1;
}
