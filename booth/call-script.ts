import { parseVoiceTwiml, type GatherVerb, type Verb } from './twiml.js';
import type { WebhookAnswer } from './webhooks.js';

/** What one run of TwiML needs from its call. */
export interface ScriptHost {
  /** Speaks a sentence; its duration is waited for with `wait`. */
  say(text: string): void;
  note(text: string): void;
  /** Milliseconds that a sentence takes. */
  speechMs(text: string): number;
  /** Resolves after the time, or at once when the caller skips it; rejects with `Interrupted` at the end. */
  wait(ms: number): Promise<void>;
  /** Resolves with the digits; empty when nothing was pressed in time. */
  gather(verb: GatherVerb, promptsMs: number): Promise<string>;
  /** Asks the product for the next document. */
  fetch(url: string, method: 'GET' | 'POST', extra: Readonly<Record<string, string>>): Promise<WebhookAnswer>;
}

/** Where a call's TwiML comes from. */
export type ScriptSource =
  | { kind: 'inline'; twiml: string }
  | { kind: 'url'; url: string; method: 'GET' | 'POST'; fallbackUrl: string | undefined };

/** What Twilio says when a document cannot be had or read (errors 11200 and 12100). */
const applicationError = 'We are sorry, an application error has occurred. Goodbye.';

/** Redirects in a row that a call follows before it gives up. */
const maxDocuments = 200;

/** Runs documents until the call is to end. Rejects only with what `wait` and `gather` reject with. */
export async function runScript(host: ScriptHost, source: ScriptSource): Promise<void> {
  let document = await load(host, source);
  for (let count = 0; document !== undefined && count < maxDocuments; count += 1) {
    const next = await perform(host, document.verbs, document.url);
    document =
      next === undefined
        ? undefined
        : await fetchDocument(host, next.url, next.method, next.extra, undefined);
  }
}

interface Document {
  verbs: Verb[];
  /** Undefined for an inline document. */
  url: string | undefined;
}

interface Next {
  url: string;
  method: 'GET' | 'POST';
  extra: Readonly<Record<string, string>>;
}

function load(host: ScriptHost, source: ScriptSource): Promise<Document | undefined> {
  return source.kind === 'inline'
    ? Promise.resolve(parse(host, source.twiml, undefined))
    : fetchDocument(host, source.url, source.method, {}, source.fallbackUrl);
}

async function fetchDocument(
  host: ScriptHost,
  url: string,
  method: 'GET' | 'POST',
  extra: Readonly<Record<string, string>>,
  fallbackUrl: string | undefined,
): Promise<Document | undefined> {
  const answer = await host.fetch(url, method, extra);
  if (answer.ok) {
    if (!answer.contentType.startsWith('text/plain')) return parse(host, answer.body, url);
    return { verbs: [{ kind: 'say', text: answer.body }], url };
  }
  if (fallbackUrl !== undefined) {
    return fetchDocument(
      host,
      fallbackUrl,
      method,
      { ...extra, ErrorCode: '11200', ErrorUrl: url },
      undefined,
    );
  }
  host.note(answer.reason);
  host.say(applicationError);
  return undefined;
}

function parse(host: ScriptHost, twiml: string, url: string | undefined): Document | undefined {
  try {
    return { verbs: parseVoiceTwiml(twiml), url };
  } catch (error) {
    host.note(error instanceof Error ? error.message : String(error));
    host.say(applicationError);
    return undefined;
  }
}

/** Performs the verbs in order; gives the document that comes next, if one does. */
async function perform(
  host: ScriptHost,
  verbs: readonly Verb[],
  base: string | undefined,
): Promise<Next | undefined> {
  for (const verb of verbs) {
    switch (verb.kind) {
      case 'say':
      case 'play':
      case 'pause':
      case 'unknown':
        await host.wait(speak(host, verb));
        break;
      case 'gather': {
        const promptsMs = verb.prompts.reduce((sum, prompt) => sum + speak(host, prompt), 0);
        const digits = await host.gather(verb, promptsMs);
        if (digits === '' && !verb.actionOnEmptyResult) break;
        const url = resolveUrl(host, verb.action, base);
        return url === undefined ? undefined : { url, method: verb.method, extra: { Digits: digits } };
      }
      case 'redirect': {
        const url = resolveUrl(host, verb.url, base);
        return url === undefined ? undefined : { url, method: verb.method, extra: {} };
      }
      case 'hangup':
        return undefined;
      default:
        return assertNever(verb);
    }
  }
  return undefined;
}

/** Says it and gives the milliseconds that it takes. Verbs that cannot be in a Gather take none. */
function speak(host: ScriptHost, verb: Verb): number {
  switch (verb.kind) {
    case 'say':
      host.say(verb.text);
      return host.speechMs(verb.text);
    case 'play':
      host.note(`plays ${verb.url}`);
      return 0;
    case 'pause':
      return verb.seconds * 1000;
    case 'unknown':
      host.note(`<${verb.name}> is not something the phone booth can do`);
      return 0;
    case 'gather':
    case 'redirect':
    case 'hangup':
      return 0;
    default:
      return assertNever(verb);
  }
}

function resolveUrl(host: ScriptHost, url: string | undefined, base: string | undefined): string | undefined {
  const target = url ?? base;
  if (target !== undefined && /^https?:\/\//.test(target)) return target;
  if (target !== undefined && URL.canParse(target, base)) return new URL(target, base).href;
  host.note(`"${target ?? ''}" is not a URL, and the document has none to resolve it against`);
  host.say(applicationError);
  return undefined;
}

function assertNever(verb: never): never {
  throw new Error(`Unknown verb ${JSON.stringify(verb)}`);
}
