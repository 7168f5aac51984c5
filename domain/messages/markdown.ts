import { oneLine } from './text.js';

/** Text that Markdown shows as it is: no headings, links, images or HTML out of somebody's alert. */
export function escaped(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]<>()#|~!&]/g, '\\$&');
}
