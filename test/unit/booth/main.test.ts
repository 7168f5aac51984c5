import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadBoothEnvironment } from '../../../booth/environment.js';

const sid = `AC${'0'.repeat(32)}`;

describe('the process of the phone booth', () => {
  it('says in one line where it listens, and ends when its stdin closes', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'booth/main.ts'], {
      env: { PATH: process.env['PATH'], TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: 'secret' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      child.kill();
    });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const ready = JSON.parse(line) as { httpUrl: string; smtpUrl: string; pid: number };
    expect(ready).toMatchObject({
      pid: child.pid,
      smtpUrl: expect.stringMatching(/^smtp:\/\/127/) as string,
    });
    const account = await fetch(`${ready.httpUrl}/2010-04-01/Accounts/${sid}.json`, {
      headers: { authorization: `Basic ${btoa(`${sid}:secret`)}` },
    });
    expect(await account.json()).toMatchObject({ sid, status: 'active' });

    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('reads its options from the environment, and names every wrong variable', () => {
    expect(
      loadBoothEnvironment({
        BOOTH_HTTP_PORT: '4001',
        BOOTH_SMTP_PORT: '',
        BOOTH_FROM: '+15550109999, +15550109998',
        BOOTH_PEOPLE: '[{"name":"Alice","contacts":["+15550100001"]}]',
      }),
    ).toMatchObject({
      httpPort: 4001,
      smtpPort: 0,
      from: ['+15550109999', '+15550109998'],
      people: [{ name: 'Alice', contacts: ['+15550100001'] }],
    });
    expect(() =>
      loadBoothEnvironment({ BOOTH_HTTP_PORT: '-1', TWILIO_ACCOUNT_SID: 'x', BOOTH_PEOPLE: '{' }),
    ).toThrow(/BOOTH_HTTP_PORT[\s\S]*BOOTH_PEOPLE[\s\S]*TWILIO_ACCOUNT_SID/);
  });
});
