/** Nothing that could end an attribute, a Markdown link or a line, and nothing that a reader can't see. */
const WEB_ADDRESS = /^https?:\/\/[^\s"<>\p{C}]+$/iu;

/**
 * Whether a text is a whole web address, http or https: the one rule for what may become a link. A sender could write
 * `javascript:` into an alert. It may still hold `&` and `'`: escape it like any text.
 */
export function isWebAddress(text: string): boolean {
  return WEB_ADDRESS.test(text) && URL.canParse(text);
}
