import { z } from 'zod';
import {
  createHttpStandIn,
  type HttpStandIn,
  type StandInAnswer,
  type StandInRequest,
} from './http-stand-in.js';

const action = z.discriminatedUnion('action', [
  z.object({
    action: z.literal('view'),
    label: z.string().min(1),
    url: z.url(),
    clear: z.boolean().optional(),
  }),
  z.object({
    action: z.literal('http'),
    label: z.string().min(1),
    url: z.url(),
    method: z.string().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.string().optional(),
    clear: z.boolean().optional(),
  }),
]);

/** What `POST /` takes. Source: https://docs.ntfy.sh/publish/#publish-as-json and ntfy's server/actions.go. */
const publish = z.object({
  topic: z.string(),
  message: z.string().optional(),
  title: z.string().optional(),
  tags: z.array(z.string()).optional(),
  priority: z.int().min(1).max(5).optional(),
  click: z.string().optional(),
  actions: z.array(action).max(3).optional(),
  sequence_id: z
    .string()
    .regex(/^[-_A-Za-z0-9]{1,64}$/)
    .optional(),
});

export type NtfyNotification = z.infer<typeof publish> & { readonly id: string };

/** An ntfy server with the phones that listen to it. */
export interface NtfyStandIn extends HttpStandIn {
  /** Everything published, oldest first. */
  readonly published: readonly NtfyNotification[];
  /** What a phone shows of a topic: what has the same sequence id replaces the one before. */
  shown(topic: string): readonly NtfyNotification[];
  /** Waits for the next notification of a topic that is not among the first `after`. */
  next(topic: string, after?: number): Promise<NtfyNotification>;
  /** Presses a button as the app does, and gives the status of the answer. */
  press(notification: NtfyNotification, label: string): Promise<number>;
}

/** With a token, only who shows it may publish. */
export function createNtfyStandIn(options: { readonly token?: string } = {}): NtfyStandIn {
  const published: NtfyNotification[] = [];
  const refuse = (status: number, code: number, error: string): StandInAnswer => ({
    status,
    json: { code, http: status, error },
  });
  const isLetIn = ({ headers }: StandInRequest): boolean =>
    options.token === undefined || headers['authorization'] === `Bearer ${options.token}`;

  function answer(request: StandInRequest): StandInAnswer {
    if (request.path === '/v1/health') return { status: 200, json: { healthy: true } };
    if (!isLetIn(request)) {
      return request.headers['authorization'] === undefined
        ? refuse(403, 40301, 'forbidden')
        : refuse(401, 40101, 'unauthorized');
    }
    if (request.path === '/v1/account') return { status: 200, json: { username: 'tocsin', role: 'user' } };
    if (request.method !== 'POST' || request.path !== '/') return refuse(404, 40401, 'page not found');
    const parsed = publish.safeParse(parse(request.body));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return issue?.path[0] === 'actions'
        ? refuse(400, 40018, `invalid request: actions invalid, ${issue.message}`)
        : refuse(400, 40024, 'invalid request: request body must be valid JSON');
    }
    if (!/^[-_A-Za-z0-9]{1,64}$/.test(parsed.data.topic)) {
      return refuse(400, 40009, `invalid request: topic invalid: ${parsed.data.topic}`);
    }
    if (Buffer.byteLength(parsed.data.message ?? '') > 4_096)
      return refuse(413, 41301, 'attachment too large');
    const id = `n${String(published.length + 1).padStart(11, '0')}`;
    published.push({ ...parsed.data, id });
    return {
      status: 200,
      json: { id, time: 1_795_000_000, event: 'message', ...parsed.data },
    };
  }

  const standIn = createHttpStandIn({ answer, sends: ({ method }) => method === 'POST' });
  const of = (topic: string): readonly NtfyNotification[] => published.filter((one) => one.topic === topic);
  return Object.assign(standIn, {
    published,
    shown: (topic: string) => [...new Map(of(topic).map((one) => [one.sequence_id ?? one.id, one])).values()],
    next: async (topic: string, after = 0) => {
      for (let waited = 0; waited < 15_000; waited += 20) {
        const found = of(topic)[after];
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`Nothing was published to ${topic} beyond ${after}.`);
    },
    press: async (notification: NtfyNotification, label: string) => {
      const button = notification.actions?.find((one) => one.label === label);
      if (button?.action !== 'http') throw new Error(`There is no button ${label} that asks for something.`);
      // As the Android app: POST unless told, and an empty body where there is none.
      const response = await fetch(button.url, {
        method: button.method ?? 'POST',
        ...(button.headers === undefined ? {} : { headers: button.headers }),
        body: button.body ?? '',
      });
      await response.text();
      return response.status;
    },
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
