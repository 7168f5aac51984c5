import { request, type Agent } from 'node:http';

export interface PostOptions {
  readonly agent: Agent;
  readonly headers?: Readonly<Record<string, string>>;
  readonly contentType: string;
}

/** POSTs a body and reads the answer whole. Rejects when no answer comes. */
export function post(
  url: string,
  body: string,
  { agent, headers, contentType }: PostOptions,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        agent,
        headers: { ...headers, 'content-type': contentType, 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
