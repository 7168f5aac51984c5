import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { pathText, type Path, type ProblemList, type Spot } from './problems.js';
import { yamlWords } from './yaml-words.js';

/** Sections whose entries may be spread over several files. The others stand in one file. */
const MERGED = [
  'users',
  'groups',
  'teams',
  'schedules',
  'policies',
  'services',
  'integrations',
  'apiKeys',
  'heartbeats',
  'maintenance',
  'providers',
  'timings',
  'defaults',
];

/** A config file larger than this is none: 1 MiB. */
const LARGEST_FILE = 1_048_576;
/** More files than this in one directory are no config. */
const MOST_FILES = 200;
/** A YAML alias may be used this often; more is a bomb, not a config. */
const MOST_ALIASES = 100;

/** All files as one value, with the place of everything in it. */
export interface Documents {
  /** The merged value, not yet validated. */
  readonly value: Record<string, unknown>;
  /** False when a file could not be parsed: what it would have defined is unknown. */
  readonly isComplete: boolean;
  /** Where a path stands: its key or its value; the closest parent that is written down when it is not. */
  spotOf(at: Path, part: 'key' | 'value'): Spot;
}

interface Place {
  readonly key: Spot;
  readonly value: Spot;
}

/** A file with its text; `name` is what people see. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** The YAML files that a path means: itself, or those of the directory in order of their names. Not recursive. */
export async function listFiles(root: string): Promise<readonly string[]> {
  if ((await stat(root)).isFile()) return [root];
  const names = (await readdir(root)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
  return names.map((name) => path.join(root, name));
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this process';
  if (code === 'EISDIR' || code === 'ENOTDIR') return 'is neither a file nor a directory';
  return `cannot be read${typeof code === 'string' ? ` (${code})` : ''}`;
}

/** Reads the files of a config. Trouble becomes a problem, not an exception. */
export async function readFiles(root: string, problems: ProblemList): Promise<readonly SourceFile[]> {
  const fail = (file: string, message: string, remedy: string): void =>
    problems.add({ level: 'error', spot: { file, line: 1, column: 1 }, at: [], message, remedy });
  let names: readonly string[];
  try {
    names = await listFiles(root);
  } catch (error) {
    fail(root, reason(error), 'Name a directory of YAML files, or one file, that this process can read.');
    return [];
  }
  if (names.length === 0)
    fail(root, 'holds no YAML file', 'Put a tocsin.yaml into it; examples/small has one.');
  if (names.length > MOST_FILES) {
    fail(root, `holds more than ${MOST_FILES} YAML files`, 'Name the directory that holds only the config.');
    return [];
  }
  const files: SourceFile[] = [];
  for (const name of names) {
    try {
      if ((await stat(name)).size > LARGEST_FILE)
        fail(name, 'is larger than 1 MiB', 'Split it into several files.');
      else files.push({ name, text: await readFile(name, 'utf8') });
    } catch (error) {
      fail(name, reason(error), 'Make it a file that this process can read.');
    }
  }
  return files;
}

/** Writes down the place of every node, by its path. */
function locate(document: Document.Parsed, spot: (offset: number) => Spot, places: Map<string, Place>): void {
  const visit = (node: Node | null | undefined, at: Path): void => {
    if (isMap(node)) {
      for (const pair of node.items) {
        const key = isScalar(pair.key) ? pair.key : null;
        if (key === null) continue;
        const value = pair.value as Node | null;
        const below = [...at, String(key.value)];
        const keySpot = spot(key.range?.[0] ?? 0);
        const valueOffset = value?.range?.[0];
        places.set(pathText(below), {
          key: keySpot,
          value: valueOffset === undefined ? keySpot : spot(valueOffset),
        });
        visit(value, below);
      }
    } else if (isSeq(node)) {
      node.items.forEach((item, index) => {
        const value = item as Node;
        const below = [...at, index];
        const here = spot(value.range?.[0] ?? 0);
        places.set(pathText(below), { key: here, value: here });
        visit(value, below);
      });
    } else if (isAlias(node)) {
      // What an alias stands for is looked up at the alias.
    }
  };
  visit(document.contents, []);
}

/** Parses one file. Null when it is not YAML, or not a map. */
function parseFile(
  { name, text }: SourceFile,
  places: Map<string, Place>,
  problems: ProblemList,
): Record<string, unknown> | null {
  const counter = new LineCounter();
  const spot = (offset: number): Spot => {
    const { line, col } = counter.linePos(offset);
    return { file: name, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, stringKeys: true });
  for (const { code, pos } of document.errors) {
    problems.add({ level: 'error', spot: spot(pos[0]), at: [], ...yamlWords(code) });
  }
  if (document.errors.length > 0) return null;
  if (document.contents === null) return {};
  const contents: unknown = document.contents;
  if (!isMap(contents)) {
    problems.add({
      level: 'error',
      spot: spot(document.contents.range[0]),
      at: [],
      message: 'the file is not a map of sections',
      remedy: 'Begin it with a section such as users: or policies:.',
    });
    return null;
  }
  try {
    const value = document.toJS({ maxAliasCount: MOST_ALIASES }) as Record<string, unknown>;
    locate(document, spot, places);
    return value;
  } catch {
    // The only way to fail here is an alias without anchor or with too much behind it; the library's words would repeat the file.
    problems.add({
      level: 'error',
      spot: spot(0),
      at: [],
      message: 'the file has an alias without an anchor, or aliases that unfold to far too much',
      remedy: 'Write the values out instead of using & and *.',
    });
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses and merges all files. What stands twice is a problem that names both places. */
export function mergeFiles(files: readonly SourceFile[], root: string, problems: ProblemList): Documents {
  const value: Record<string, unknown> = {};
  const places = new Map<string, Place>();
  let isComplete = true;
  const clash = (at: Path, first: Place | undefined, second: Place | undefined): void => {
    if (first === undefined || second === undefined) return;
    problems.add({
      level: 'error',
      spot: second.key,
      at,
      message: `is already in ${first.key.file}:${first.key.line}:${first.key.column}`,
      remedy: 'Keep one of the two.',
    });
  };
  for (const file of files) {
    const own = new Map<string, Place>();
    const content = parseFile(file, own, problems);
    if (content === null) isComplete = false;
    const refused = new Set<string>();
    for (const [section, entries] of Object.entries(content ?? {})) {
      // A section with nothing in it is a section that is not there.
      if (entries === null) continue;
      const before = value[section];
      if (before === undefined || !Object.hasOwn(value, section)) {
        value[section] = isRecord(entries) ? { ...entries } : entries;
      } else if (MERGED.includes(section) && isRecord(before) && isRecord(entries)) {
        for (const [key, entry] of Object.entries(entries)) {
          const at = [section, key];
          if (Object.hasOwn(before, key)) {
            clash(at, places.get(pathText(at)), own.get(pathText(at)));
            refused.add(pathText(at));
          } else {
            before[key] = entry;
          }
        }
      } else {
        clash([section], places.get(pathText([section])), own.get(pathText([section])));
        refused.add(pathText([section]));
      }
    }
    for (const [text, place] of own) {
      const isRefused = [...refused].some(
        (prefix) => text.startsWith(prefix) && /^(?:$|[.[])/.test(text.slice(prefix.length)),
      );
      if (!places.has(text) && !isRefused) places.set(text, place);
    }
  }
  const whole: Spot = { file: files[0]?.name ?? root, line: 1, column: 1 };
  return {
    value,
    isComplete,
    spotOf: (at, part) => {
      const exact = places.get(pathText(at));
      if (exact !== undefined) return exact[part];
      for (let length = at.length - 1; length > 0; length -= 1) {
        const place = places.get(pathText(at.slice(0, length)));
        if (place !== undefined) return place.key;
      }
      return whole;
    },
  };
}
