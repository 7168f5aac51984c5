/**
 * A stand-in for Twilio's message POST: answers 201 at once and notes when each request arrived. A process of its own, so that
 * neither the load nor the system that is measured delays its clock. It reports no delivery statuses.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { now } from './clock.js';
import { tellParent, whenReleased } from './ipc.js';
import { SLOW_ANSWER_MS, SLOW_MARK, type Arrival } from './provider-messages.js';

/** Arrivals are told in bundles, so that telling them costs little. */
const TELL_EVERY_MS = 20;

let waiting: Arrival[] = [];
let timer: NodeJS.Timeout | undefined;
let count = 0;

function note(arrival: Arrival): void {
  waiting.push(arrival);
  timer ??= setTimeout(() => {
    timer = undefined;
    tellParent({ type: 'arrivals', arrivals: waiting });
    waiting = [];
  }, TELL_EVERY_MS);
}

const server = createServer((request, response) => {
  const at = now();
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
    const body = form.get('Body') ?? '';
    const mark = /bench-[a-z0-9-]+/.exec(body)?.[0] ?? '';
    const to = form.get('To') ?? '';
    note({ mark, at, to, isPage: /Reply (4|ACK) /.test(body) });
    count += 1;
    const sid = `SM${count.toString(16).padStart(32, '0')}`;
    const answer = (): void => {
      response.writeHead(201, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ sid, status: 'queued', to, from: form.get('From'), body }));
    };
    if (mark.startsWith(SLOW_MARK)) setTimeout(answer, SLOW_ANSWER_MS);
    else answer();
  });
});

server.listen(0, '127.0.0.1', () => {
  tellParent({ type: 'ready', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
whenReleased(() => {
  server.closeAllConnections();
  server.close();
  return Promise.resolve();
});
