import {
  createHttpStandIn,
  type HttpStandIn,
  type StandInAnswer,
  type StandInRequest,
} from './http-stand-in.js';

/** A text that the gateway took. */
export interface GatewayMessage {
  readonly id: string;
  readonly to: string;
  readonly from: string;
  readonly text: string;
  /** What the sender calls it. */
  readonly reference: string;
  /** Where it wants reports. */
  readonly callback: string;
  readonly encoding: string;
  readonly idempotencyKey: string;
}

/** An SMS gateway as there are many: a form in, JSON out, and HTTP 200 whatever happened. */
export interface SmsGatewayStandIn extends HttpStandIn {
  readonly messages: readonly GatewayMessage[];
  /** Answers with this code in the body from now on (`0` is taken); null: as it should. */
  say(code: string | null): void;
  /** Waits for a text to a number that is not among the first `after`. */
  next(to: string, after?: number): Promise<GatewayMessage>;
  /** Reports what became of a message, to its callback. */
  report(message: GatewayMessage, state: string): Promise<number>;
  /** A person sends a text; gives the answer's status. */
  reply(hook: string, from: string, text: string, id?: string): Promise<number>;
}

export interface SmsGatewayOptions {
  /** What senders show. */
  readonly key: string;
}

/** The provider's settings that fit this gateway, as YAML under `providers`. Its key is in `SMS_KEY`, the hook's in `SMS_HOOK_KEY`. */
export function gatewayYaml(url: string): string {
  return `
    kind: sms-gateway
    url: ${url}/send
    headers: { authorization: 'Bearer \${SMS_KEY}', idempotency-key: '{key}' }
    form: { recipient: '{to}', sender: '{from}', message: '{text}', reference: '{id}', report: '{callback}', coding: '{encoding}' }
    from: Tocsin
    success: { path: status.code, values: [0] }
    messageId: message.id
    errors: { '2': bad-address, '3': opted-out, '4': unauthorized, '7': unavailable }
    reports: { status: state, messageId: message, delivered: [DELIVERED], failed: [FAILED, EXPIRED] }
    replies: { key: { env: SMS_HOOK_KEY }, from: sender, text: message, id: id }
`;
}

export function createSmsGatewayStandIn(options: SmsGatewayOptions): SmsGatewayStandIn {
  const messages: GatewayMessage[] = [];
  let forced: string | null = null;
  const says = (code: string, words: string): StandInAnswer => ({
    status: 200,
    json: { status: { code: Number(code), words } },
  });

  function answer(request: StandInRequest): StandInAnswer {
    if (request.method !== 'POST') return { status: 405, text: 'POST only' };
    if (request.headers['authorization'] !== `Bearer ${options.key}`) return says('4', 'key not known');
    const form = new URLSearchParams(request.body);
    const field = (name: string): string => form.get(name) ?? '';
    const to = field('recipient');
    if (forced !== null && forced !== '0') return says(forced, `no: ${to}`);
    if (!/^\+[1-9]\d{6,14}$/.test(to)) return says('2', `cannot reach ${to}`);
    const id = `gw-${String(messages.length + 1).padStart(8, '0')}`;
    messages.push({
      id,
      to,
      from: field('sender'),
      text: field('message'),
      reference: field('reference'),
      callback: field('report'),
      encoding: field('coding'),
      idempotencyKey: request.headers['idempotency-key'] ?? '',
    });
    return { status: 200, json: { status: { code: 0 }, message: { id } } };
  }

  const standIn = createHttpStandIn({ answer, sends: ({ path }) => path === '/send' });
  const post = async (url: string, fields: Readonly<Record<string, string>>): Promise<number> => {
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) });
    await response.text();
    return response.status;
  };
  return Object.assign(standIn, {
    messages,
    say: (code: string | null) => {
      forced = code;
    },
    next: async (to: string, after = 0) => {
      for (let waited = 0; waited < 15_000; waited += 20) {
        const found = messages.filter((message) => message.to === to)[after];
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`No text went to ${to} beyond ${after}.`);
    },
    report: (message: GatewayMessage, state: string) =>
      post(message.callback, { state, message: message.id }),
    reply: (hook: string, from: string, text: string, id = `in-${messages.length}-${text}`) =>
      post(hook, { sender: from, message: text, id }),
  });
}
