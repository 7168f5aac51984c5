import { describe, expect, it } from 'vitest';
import { runCommand } from '../../support/command-line.js';

const card = (args: readonly string[], env: Record<string, string> = {}) =>
  runCommand(['contact', 'card', ...args], { env, now: () => 0 });

describe('tocsin contact card', () => {
  it('has all numbers of TWILIO_FROM, each once', async () => {
    const { out, code } = await card([], { TWILIO_FROM: '+12025550100, +12025550101,+12025550100' });
    expect(code).toBe(0);
    expect(
      out
        .split('\r\n')
        .map((line) => line.trimEnd())
        .filter((line) => !line.startsWith(' ')),
    ).toEqual([
      'BEGIN:VCARD',
      'VERSION:3.0',
      'FN:Tocsin',
      'N:Tocsin;;;;',
      'TEL;TYPE=CELL,VOICE:+12025550100',
      'TEL;TYPE=CELL,VOICE:+12025550101',
      expect.stringMatching(/^NOTE:Pages\\, calls and texts/) as string,
      'END:VCARD',
    ]);
    for (const line of out.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  });

  it('takes other numbers and another name, whose separators stay text', async () => {
    const { out } = await card(['--number', '+12025550102', '--name', 'Acme; on-call'], {
      TWILIO_FROM: '+12025550100',
    });
    expect(out).toContain('FN:Acme\\; on-call\r\n');
    expect(out).toContain('+12025550102');
    expect(out).not.toContain('+12025550100');
    const { out: json } = await card(['--json', '--number', '+12025550102', '+12025550103']);
    expect(JSON.parse(json)).toEqual({ name: 'Tocsin', numbers: ['+12025550102', '+12025550103'] });
  });

  it('says what is missing, and which number is none', async () => {
    expect(await card([])).toMatchObject({
      code: 1,
      err: expect.stringContaining('TWILIO_FROM is not set here') as string,
    });
    expect(await card(['--number', '0202 555'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('0202 555 is no number in E.164') as string,
    });
  });
});
