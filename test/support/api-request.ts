/** Calls the HTTP API with a bearer key; the body of the answer is parsed when there is one. */
export type ApiRequest = (
  method: 'GET' | 'POST',
  path: string,
  options?: { readonly key?: string; readonly body?: unknown },
) => Promise<{ readonly status: number; readonly body: unknown }>;

/** A client of the API at this address; without another key it sends `key`. The address is asked for at each call. */
export function apiRequest(url: () => string, key: string): ApiRequest {
  return async (method, path, { key: other = key, body } = {}) => {
    const response = await fetch(`${url()}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${other}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
  };
}
