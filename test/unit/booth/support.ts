import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import twilio from 'twilio';
import { onTestFinished } from 'vitest';
import { createBooth, type Booth } from '../../../booth/create-booth.js';
import type { BoothOptions } from '../../../booth/options.js';

export const alice = '+15550100001';
export const bob = '+15550100002';
export const ours = '+15550109999';

/** A request that the product got. */
export interface Received {
  method: string;
  /** Path with query. */
  path: string;
  params: Record<string, string>;
  /** Whether the twilio library accepts its signature. */
  signatureValid: boolean;
}

export interface Answer {
  status?: number;
  type?: string;
  body?: string;
}

/** The product's side of the webhooks: records what comes and answers what it is told to. */
export interface Product {
  url: string;
  received: Received[];
  at(path: string): Received[];
}

/** Starts a product whose answers come from `answer`. It stops with the test. */
export async function startProduct(
  authToken: string,
  answer: (request: Received) => Answer | undefined = () => undefined,
): Promise<Product> {
  const received: Received[] = [];
  let url = '';
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
      const path = request.url ?? '';
      const entry: Received = {
        method: request.method ?? '',
        path,
        params: form,
        signatureValid: twilio.validateRequest(
          authToken,
          String(request.headers['x-twilio-signature']),
          url + path,
          form,
        ),
      };
      received.push(entry);
      const { status = 200, type = 'text/xml', body = '' } = answer(entry) ?? {};
      response.writeHead(status, { 'content-type': type });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url, received, at: (path) => received.filter((request) => request.path.startsWith(path)) };
}

/** Starts a booth that stops with the test. */
export async function startBooth(options: BoothOptions = {}): Promise<Booth> {
  const booth = createBooth({ hopMs: 1, ...options });
  await booth.start();
  onTestFinished(() => booth.stop());
  return booth;
}

/** The real library, pointed at the booth. */
export function twilioFor(
  booth: Booth,
  options: { authToken?: string; timeoutMs?: number } = {},
): twilio.Twilio {
  const client = twilio(booth.accountSid, options.authToken ?? booth.authToken, {
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
  });
  client.api.baseUrl = booth.httpUrl;
  return client;
}

/** The status callbacks of a path, once the one with this status has been answered. */
export async function statusesUntil(
  booth: Booth,
  product: Product,
  path: string,
  last: string,
): Promise<string[]> {
  const statuses = (): string[] =>
    product.at(path).map(({ params }) => params['MessageStatus'] ?? params['CallStatus'] ?? '');
  await booth.until(`status callback "${last}"`, () => statuses().includes(last));
  return statuses();
}
