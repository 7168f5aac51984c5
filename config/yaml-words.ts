import type { ErrorCode } from 'yaml';
import type { Words } from './schema/words.js';

const BY_CODE: Partial<Record<ErrorCode, Words>> = {
  BAD_INDENT: {
    message: 'the indentation does not fit',
    remedy: 'Indent the entries of one map or list by the same number of spaces.',
  },
  TAB_AS_INDENT: { message: 'a tab is used for indentation', remedy: 'Use spaces.' },
  DUPLICATE_KEY: { message: 'this key is already in the map', remedy: 'Keep one of the two.' },
  MISSING_CHAR: {
    message: 'a character is missing here',
    remedy: 'Look for a quote, bracket, brace, comma or colon that is missing here or before.',
  },
  BAD_SCALAR_START: {
    message: 'a plain text cannot begin with this character',
    remedy: 'Put the text in quotes.',
  },
  BAD_DQ_ESCAPE: {
    message: 'this escape is not one of YAML',
    remedy: 'Write \\\\ for a backslash, or use single quotes.',
  },
  MULTIPLE_DOCS: {
    message: 'the file holds several documents',
    remedy: 'Remove the line ---, or split the file.',
  },
  BAD_ALIAS: { message: 'this alias or anchor is not well formed', remedy: 'Write the value out.' },
  TAG_RESOLVE_FAILED: { message: 'this tag is not known', remedy: 'Remove the tag: Tocsin needs none.' },
  NON_STRING_KEY: { message: 'this key is not a text', remedy: 'Use a text as the key.' },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second colon stands where none can',
    remedy: 'Put the text after the first colon in quotes, or break the line.',
  },
};

/**
 * What to say of an error of the YAML parser. Never the parser's own words: they repeat what stands in the file, and
 * that may be a secret.
 */
export function yamlWords(code: ErrorCode): Words {
  return (
    BY_CODE[code] ?? {
      message: 'this is not YAML',
      remedy: 'Look for a missing quote, colon or bracket here or on the line before.',
    }
  );
}
