/** How many letters must be added, removed or changed to make one word of the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

/** The candidate that was probably meant: at most a third of its letters differ (2 at least). Undefined: none is close. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > 80) return undefined;
  let best: { readonly candidate: string; readonly apart: number } | undefined;
  for (const candidate of candidates) {
    const apart = distance(word.toLowerCase(), candidate.toLowerCase());
    const allowed = Math.max(Math.min(2, candidate.length - 1), Math.floor(candidate.length / 3));
    if (apart <= allowed && (best === undefined || apart < best.apart)) best = { candidate, apart };
  }
  return best?.candidate;
}
