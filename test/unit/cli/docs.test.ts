import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { ERROR_STATUS } from '../../../api/errors.js';
import { EXIT } from '../../../cli/failure.js';
import { createProgram } from '../../../cli/program.js';
import { recording } from '../../support/command-line.js';

const program = createProgram(recording().context);

/** A command, or in its place those that it is made of. */
function withoutChildren(command: Command): readonly { readonly name: string; readonly command: Command }[] {
  if (command.commands.length === 0) return [{ name: command.name(), command }];
  return command.commands.map((child) => ({ name: `${command.name()} ${child.name()}`, command: child }));
}

const read = (name: string): Promise<string> =>
  readFile(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

describe('docs/cli.md', () => {
  it('has a line for each command, in the words and the order of the program', async () => {
    const lines = program.commands.flatMap(withoutChildren).map(({ name, command }) => {
      const words = command.registeredArguments.map((argument) => {
        const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
        return argument.required ? ` <${name}>` : ` [${name}]`;
      });
      return `- \`tocsin ${name}${words.join('')}\`: ${command.summary()}`;
    });
    const told = (await read('cli.md')).split('\n').filter((line) => line.startsWith('- `tocsin '));
    expect(told).toEqual(lines);
  });

  it('has every exit code', async () => {
    const text = await read('cli.md');
    const codes = [...text.matchAll(/^\| (\d+) /gm)].map(([, code]) => Number(code));
    expect(codes.sort((a, b) => a - b)).toEqual(Object.values(EXIT).sort((a, b) => a - b));
  });
});

describe('docs/api.md', () => {
  it('names no error code that the API does not have', async () => {
    const text = await read('api.md');
    const codes = [...text.matchAll(/\b[45]\d\d `([a-z-]+)`/g)].map(([, code]) => code ?? '');
    expect(codes.length).toBeGreaterThan(2);
    expect(codes.filter((code) => !(code in ERROR_STATUS))).toEqual([]);
  });
});
