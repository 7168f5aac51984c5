import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Instant } from '../domain/time/instant.js';
import type { Colours } from './output/colours.js';

/** A terminal that can be drawn on. */
export interface Terminal {
  /** Writes as it stands, control sequences and all. */
  readonly write: (text: string) => void;
  /** How many lines fit, now. */
  readonly rows: () => number;
}

/** What a command has of the world around it. Made once, in main.ts. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Writes a line to stdout: answers. */
  readonly print: (line: string) => void;
  /** Writes a line to stderr: progress, warnings and errors. */
  readonly say: (line: string) => void;
  /** For stdout. */
  readonly colours: Colours;
  /** For stderr. */
  readonly errorColours: Colours;
  /** Stdout, when it is a terminal. */
  readonly terminal?: Terminal;
  readonly now: () => Instant;
  /** What the process ends with; 0 unless a command says otherwise. */
  readonly setExitCode: (code: number) => void;
}

/** The installation's root: the nearest folder above this file with a package.json, compiled or not. */
export function installationRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error('Tocsin is not installed completely: its package.json is missing.');
    folder = above;
  }
  return folder;
}

/** A path as a person types it here: relative when it is not far away. */
export function shownPath(path: string, cwd: string): string {
  const shorter = relative(cwd, path);
  if (shorter === '') return '.';
  return shorter.startsWith(`..${sep}..`) ? path : shorter;
}

/** How the `tocsin` command is typed here, e.g. `./bin/tocsin`. */
export function commandWords(cwd: string): string {
  const path = shownPath(join(installationRoot(), 'bin', 'tocsin'), cwd);
  return path.startsWith('.') || path.startsWith(sep) ? path : `.${sep}${path}`;
}
