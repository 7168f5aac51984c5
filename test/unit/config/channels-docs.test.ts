import { readFile, rm, writeFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { webhookBody } from '../../../activities/providers/webhook/body.js';
import { signatureOf } from '../../../activities/providers/webhook/signature.js';
import {
  FAILURES_TO_OPEN,
  FIRST_OPEN_MS,
  LONGEST_OPEN_MS,
  PROBE_TIMEOUT_MS,
} from '../../../activities/circuit.js';
import { utcTimes } from '../../../domain/messages/times.js';
import { page } from '../messages/fixtures.js';
import { load, said } from './support.js';

const docs = await readFile('docs/channels.md', 'utf8');

function blocks(language: string): readonly string[] {
  return [...docs.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([^]*?)^ *\`\`\``, 'gm'))].map(
    ([, indent = '', text = '']) => text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

const REST = `
users: { zed: { name: Zed, phone: '+12025550111', email: zed@example.com } }
policies: { default: { steps: [{ targets: ['user:zed'] }], catchAll: { targets: ['user:zed'] } } }
services: { everything: { policy: default, catchAll: true } }
`;

describe('docs/channels.md', () => {
  it('has configs that can be pasted', () => {
    const pasted = blocks('yaml');
    expect(pasted.length).toBeGreaterThanOrEqual(6);
    for (const text of pasted) {
      const names = [...text.matchAll(/\$\{([A-Z_]+)\}|env: ([A-Z_]+)/g)].map(
        ([, one, other]) => one ?? other ?? '',
      );
      const env = Object.fromEntries(names.map((name) => [name, `a value of ${name}`]));
      const result = load({ 'rest.yaml': REST, 'pasted.yaml': text }, env);
      const about = said(result).filter(({ file, level }) => file === 'pasted.yaml' || level === 'error');
      expect(about, text).toEqual([]);
    }
  });

  it('shows the body of a webhook as it is', () => {
    const [shown = ''] = blocks('json');
    const link = 'https://tocsin.example.com/i/…';
    const message = page({
      runbook: 'https://runbooks.example.com/payments',
      link: 'https://prometheus.example.com/graph',
    });
    const body = webhookBody(message, {
      userId: 'bot',
      deliveryId: 'd7',
      link,
      times: utcTimes,
      names: false,
    });
    expect(JSON.parse(shown)).toEqual(body);
  });

  it('shows how to check a signature', async () => {
    const [code = ''] = blocks('js');
    const directory = await mkdtemp(join(tmpdir(), 'tocsin-docs-'));
    try {
      const path = join(directory, 'check.mjs');
      await writeFile(path, code);
      const { isFromTocsin } = (await import(pathToFileURL(path).href)) as {
        isFromTocsin: (headers: object, body: string, secret: string) => boolean;
      };
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const headers = (at: string) => ({
        'x-tocsin-timestamp': at,
        'x-tocsin-signature': signatureOf('secret', at, '{}'),
      });
      expect(isFromTocsin(headers(timestamp), '{}', 'secret')).toBe(true);
      expect(isFromTocsin(headers(timestamp), '{ }', 'secret')).toBe(false);
      expect(isFromTocsin(headers(timestamp), '{}', 'another')).toBe(false);
      expect(isFromTocsin(headers('1700000000'), '{}', 'secret')).toBe(false);
      expect(isFromTocsin({}, '{}', 'secret')).toBe(false);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('tells the numbers of the circuit as they are', () => {
    expect(docs).toContain(`**${FAILURES_TO_OPEN} times in a row**`);
    expect(docs).toContain(`**${FIRST_OPEN_MS / 1_000} seconds**`);
    expect(docs).toContain(`at most ${PROBE_TIMEOUT_MS / 1_000} seconds`);
    expect(docs).toContain(`at most ${LONGEST_OPEN_MS / 60_000} minutes`);
  });
});
