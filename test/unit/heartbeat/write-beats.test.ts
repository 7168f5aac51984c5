import { describe, expect, it } from 'vitest';
import { createBeatWriter, type WriteBeat } from '../../../api/heartbeats/write-beats.js';

interface Statement {
  readonly beats: ReadonlyMap<string, number>;
  readonly end: (error?: Error) => void;
}

/** A store whose statements end when the test says so. */
function slowStore(): { readonly write: WriteBeat; readonly statements: Statement[] } {
  const statements: Statement[] = [];
  const write = createBeatWriter({
    record: (beats) =>
      new Promise<void>((resolve, reject) => {
        statements.push({
          beats: new Map(beats),
          end: (error) => (error === undefined ? resolve() : reject(error)),
        });
      }),
  });
  return { write, statements };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the writer of beats', () => {
  it('writes what comes while a statement is under way with the next one, the latest of each', async () => {
    const { write, statements } = slowStore();
    const done: string[] = [];
    const say = (name: string) => (): void => void done.push(name);
    void write('a', 1).then(say('a1'));
    await turn();
    void write('a', 2).then(say('a2'));
    void write('b', 3).then(say('b3'));
    await turn();
    void write('a', 4).then(say('a4'));
    await turn();
    expect(statements.map(({ beats }) => [...beats])).toEqual([[['a', 1]]]);
    expect(done).toEqual([]);
    statements[0]?.end();
    await turn();
    expect(done).toEqual(['a1']);
    expect([...(statements[1]?.beats ?? [])]).toEqual([
      ['a', 4],
      ['b', 3],
    ]);
    statements[1]?.end();
    await turn();
    expect(done.slice(1).sort()).toEqual(['a2', 'a4', 'b3']);
    expect(statements).toHaveLength(2);
  });

  it('a statement that fails fails its own beats, and the next goes on', async () => {
    const { write, statements } = slowStore();
    const first = write('a', 1);
    await turn();
    const second = write('a', 2);
    statements[0]?.end(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    await turn();
    statements[1]?.end();
    await expect(second).resolves.toBeUndefined();
  });
});
