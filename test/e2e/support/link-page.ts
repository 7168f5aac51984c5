/** The page behind a link, as a browser or a mail scanner sees it. */
export interface LinkPage {
  readonly status: number;
  readonly text: string;
}

/** The link in a text message. @throws Error when there is none */
export function linkIn(body: string): string {
  const link = /https?:\/\/\S+\/i\/[A-Za-z0-9_-]+/.exec(body)?.[0];
  if (link === undefined) throw new Error(`No link in "${body}".`);
  return link;
}

/** Opens the page, as whatever previews links does. */
export async function look(link: string): Promise<LinkPage> {
  const response = await fetch(link);
  return { status: response.status, text: await response.text() };
}

/** Presses a button of the page: sends the form as it stands in the page that was looked at. */
export async function press(link: string, action: string): Promise<LinkPage> {
  const { text } = await look(link);
  const nonce = /name="nonce" value="([^"]+)"/.exec(text)?.[1];
  if (nonce === undefined) throw new Error(`The page has no form: ${text}`);
  return post(link, { action, nonce });
}

/** Sends a form to the page's address. */
export async function post(link: string, form: Readonly<Record<string, string>>): Promise<LinkPage> {
  const response = await fetch(link, { method: 'POST', body: new URLSearchParams(form) });
  return { status: response.status, text: await response.text() };
}
