import type { Path } from '../problems.js';
import type { Words } from '../schema/words.js';
import type { ConfigProblem } from '../types.js';

/** Notes one problem at a path, at its key or at its value. */
export type Report = (level: ConfigProblem['level'], at: Path, part: 'key' | 'value', words: Words) => void;

/** Looks at the whole merged config, valid or not, for things that must fit together. */
export type Check = (raw: unknown, report: Report) => void;
