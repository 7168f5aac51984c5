import { describe, expect, it } from 'vitest';
import { escapeHtml } from '../../../domain/messages/escape-html.js';
import { isWebAddress } from '../../../domain/messages/web-address.js';

describe('a web address', () => {
  it.each([
    'https://wiki.example.com/runbooks/checkout?x=1&y=(2)#top',
    'http://prometheus:9090/graph?g0.expr=up%3D%3D0',
    'HTTPS://EXAMPLE.COM',
    "https://kibana.example.com/#/d?_a=(q:'x')",
    'http://[::1]:3000/',
    'https://例え.jp/障害',
  ])('is %s', (text) => {
    expect(isWebAddress(text)).toBe(true);
  });

  it.each([
    '',
    'javascript:alert(1)',
    'javascript://example.com/%0aalert(1)',
    'ftp://example.com',
    '//example.com',
    'example.com',
    'https://',
    'http://[::1',
    'https://example.com/"onmouseover="alert(1)',
    'https://example.com/<script>',
    'https://example.com/>',
    'https://example.com/a b',
    ' https://example.com',
    'https://example.com\n',
    'https://example.com/\u202egnp.exe',
    'https://example.com/\u0000',
  ])('is not %j', (text) => {
    expect(isWebAddress(text)).toBe(false);
  });
});

describe('text in HTML', () => {
  it('is escaped for elements and quoted attributes', () => {
    expect(escapeHtml(`<a href="x" title='y'>&amp;</a>`)).toBe(
      '&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;',
    );
  });
});
