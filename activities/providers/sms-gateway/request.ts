import type { JsonValue, Placeholder, SmsGatewaySettings } from '../../../config/provider-settings.js';
import { fill } from '../../../config/text-template.js';
import { isGsm7 } from '../../../domain/messages/gsm7.js';
import type { HttpRequest } from '../../http.js';

/** One text message for a gateway. */
export interface GatewayText {
  /** E.164. */
  readonly to: string;
  readonly text: string;
  /** Comes back in reports. */
  readonly id: string;
  /** The same for all tries of one delivery. */
  readonly key: string;
  /** Where the gateway may report to. */
  readonly callback: string;
}

/** The request that hands a text to the gateway, as its settings describe it. */
export function gatewayRequest(
  settings: SmsGatewaySettings,
  message: GatewayText,
): Omit<HttpRequest, 'signal' | 'read'> {
  const values: Readonly<Record<Placeholder, string>> = {
    to: numberOf(settings.numbers, message.to),
    from: settings.from,
    text: message.text,
    id: message.id,
    key: message.key,
    callback: message.callback,
    encoding: isGsm7(message.text) ? settings.encoding.gsm7 : settings.encoding.ucs2,
  };
  const filled = (text: string): string => fill(text, values, settings.variables);
  const url = new URL(fill(settings.url, values, settings.variables, encodeURIComponent));
  for (const [name, text] of Object.entries(settings.query)) url.searchParams.append(name, filled(text));
  const headers = Object.fromEntries(
    Object.entries(settings.headers).map(([name, text]) => [name.toLowerCase(), filled(text)]),
  );
  const { body } = settings;
  const base = { method: settings.method, url: url.href };
  switch (body.type) {
    case 'none':
      return { ...base, headers };
    case 'form': {
      const fields = Object.entries(body.fields).map(([name, text]): [string, string] => [
        name,
        filled(text),
      ]);
      return {
        ...base,
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', ...headers },
        body: new URLSearchParams(fields).toString(),
      };
    }
    case 'json':
      return {
        ...base,
        headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
        body: JSON.stringify(filledJson(body.value, filled)),
      };
    default:
      return body satisfies never;
  }
}

/** A number in E.164 as the gateway wants it. */
function numberOf(style: SmsGatewaySettings['numbers'], number: string): string {
  switch (style) {
    case 'plus':
      return number;
    case 'digits':
      return number.replace(/^\+/, '');
    case 'zeros':
      return number.replace(/^\+/, '00');
    default:
      return style satisfies never;
  }
}

function filledJson(value: JsonValue, filled: (text: string) => string): JsonValue {
  if (typeof value === 'string') return filled(value);
  if (isList(value)) return value.map((item) => filledJson(item, filled));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filledJson(item, filled)]));
  }
  return value;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
