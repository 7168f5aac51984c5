/** An element of a parsed document. Text is kept in order with the child elements. */
interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (XmlElement | string)[];
}

/** What a call does next, in the order of the document. */
export type Verb =
  | { kind: 'say'; text: string }
  | { kind: 'play'; url: string }
  | { kind: 'pause'; seconds: number }
  | { kind: 'redirect'; url: string; method: 'GET' | 'POST' }
  | { kind: 'hangup' }
  | GatherVerb
  | { kind: 'unknown'; name: string };

/** Waits for keys while its prompts are spoken. */
export interface GatherVerb {
  kind: 'gather';
  prompts: Verb[];
  /** Undefined: any number of digits, until `finishOnKey` or the timeout. */
  numDigits: number | undefined;
  /** Counted from the end of the prompts, and anew from each key; Twilio's default is 5. */
  timeoutSeconds: number;
  /** Relative to the document; undefined: the document's own URL. */
  action: string | undefined;
  method: 'GET' | 'POST';
  /** Ends the input; empty: no key does. Twilio's default is `#`. */
  finishOnKey: string;
  /** Whether the action is called even if nothing was pressed. */
  actionOnEmptyResult: boolean;
}

/**
 * Reads a voice document.
 * @throws Error saying what is wrong when the text is not XML with a `<Response>` root (Twilio's error 12100).
 */
export function parseVoiceTwiml(xml: string): Verb[] {
  return elementsOf(parseResponse(xml)).flatMap(toVerbs);
}

/**
 * The messages that a messaging webhook answers with: plain text is one message, TwiML one per `<Message>`.
 * @throws Error when an XML answer is not TwiML.
 */
export function parseMessagingReply(contentType: string, body: string): string[] {
  if (body.trim() === '') return [];
  if (contentType.startsWith('text/plain')) return [body];
  return elementsOf(parseResponse(body))
    .filter((element) => element.name === 'Message' || element.name === 'Sms')
    .map((message) => {
      const bodies = elementsOf(message).filter((child) => child.name === 'Body');
      return (bodies.length > 0 ? bodies : [message]).map((part) => textOf(part).trim()).join('\n');
    });
}

function toVerbs(element: XmlElement): Verb[] {
  const { name, attributes } = element;
  switch (name) {
    case 'Say':
      return repeated({ kind: 'say', text: textOf(element).replace(/\s+/g, ' ').trim() }, attributes['loop']);
    case 'Play':
      return repeated({ kind: 'play', url: textOf(element).trim() }, attributes['loop']);
    case 'Pause':
      return [{ kind: 'pause', seconds: numberOr(attributes['length'], 1) }];
    case 'Redirect':
      return [{ kind: 'redirect', url: textOf(element).trim(), method: methodOf(attributes['method']) }];
    case 'Hangup':
    case 'Reject':
      return [{ kind: 'hangup' }];
    case 'Gather':
      return [
        {
          kind: 'gather',
          prompts: elementsOf(element).flatMap(toVerbs),
          numDigits: attributes['numDigits'] === undefined ? undefined : numberOr(attributes['numDigits'], 1),
          timeoutSeconds: numberOr(attributes['timeout'], 5),
          action: attributes['action'] === '' ? undefined : attributes['action'],
          method: methodOf(attributes['method']),
          finishOnKey: attributes['finishOnKey'] ?? '#',
          actionOnEmptyResult: attributes['actionOnEmptyResult'] === 'true',
        },
      ];
    default:
      return [{ kind: 'unknown', name }];
  }
}

/** `loop="0"` is endless at Twilio; ten rounds are enough to show it. */
function repeated(verb: Verb, loop: string | undefined): Verb[] {
  const times = numberOr(loop, 1);
  return Array.from({ length: times === 0 ? 10 : Math.min(times, 10) }, () => verb);
}

function numberOr(text: string | undefined, fallback: number): number {
  const value = Number(text ?? fallback);
  return Number.isFinite(value) && value >= 0 ? value : fallback;
}

function methodOf(text: string | undefined): 'GET' | 'POST' {
  return text?.toUpperCase() === 'GET' ? 'GET' : 'POST';
}

function elementsOf(element: XmlElement): XmlElement[] {
  return element.children.filter((child) => typeof child !== 'string');
}

function textOf(element: XmlElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : ` ${textOf(child)} `)).join('');
}

function parseResponse(xml: string): XmlElement {
  const root = elementsOf(parseXml(xml))[0];
  if (root?.name !== 'Response') {
    throw new Error(
      `Expected TwiML with a <Response> root, got ${root === undefined ? 'no XML element' : `<${root.name}>`}.`,
    );
  }
  return root;
}

const token =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<!DOCTYPE[^>]*>|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)|(<)/g;

/** Tolerant where Twilio is (comments, CDATA, unknown elements), strict about nesting. */
function parseXml(xml: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [] };
  const open: XmlElement[] = [root];
  for (const [, cdata, closing, name, attributes, selfClosing, text, stray] of xml.matchAll(token)) {
    const parent = open[open.length - 1] ?? root;
    if (stray !== undefined) throw new Error('Expected well-formed XML, found a "<" that begins no element.');
    if (cdata !== undefined) parent.children.push(cdata);
    else if (text !== undefined) parent.children.push(decodeEntities(text));
    else if (name !== undefined && closing === '/') {
      if (parent === root || parent.name !== name) {
        throw new Error(`Expected </${parent.name || 'nothing'}>, found </${name}>.`);
      }
      open.pop();
    } else if (name !== undefined) {
      const element: XmlElement = { name, attributes: attributesOf(attributes ?? ''), children: [] };
      parent.children.push(element);
      if (selfClosing !== '/') open.push(element);
    }
  }
  const unclosed = open[1];
  if (unclosed !== undefined) throw new Error(`Expected </${unclosed.name}> before the end of the document.`);
  return root;
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name, double, single] of text.matchAll(/([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    if (name !== undefined) attributes[name] = decodeEntities(double ?? single ?? '');
  }
  return attributes;
}

const namedEntities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Replaces `&amp;`, `&#39;`, `&#x27;` and the like; unknown names stay as they are. */
export function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi,
    (all: string, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return namedEntities[name.toLowerCase()] ?? all;
      const code = decimal !== undefined ? Number(decimal) : parseInt(hex ?? '', 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}
