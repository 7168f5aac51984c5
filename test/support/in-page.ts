/** What runs inside of the browser, as text: its types are not those of Node. */
export const IN_PAGE = {
  misfits: `(() => {
    const width = document.documentElement.clientWidth;
    const name = (element) => element.tagName.toLowerCase() + '.' + element.className + ' "' + element.textContent.trim().slice(0, 40) + '"';
    const found = [];
    const scroller = document.scrollingElement;
    if (scroller.scrollWidth > width) found.push('the page is ' + scroller.scrollWidth + ' px wide on ' + width);
    for (const element of document.body.querySelectorAll('*')) {
      if (!element.checkVisibility() || element.closest('.unseen') !== null) continue;
      const box = element.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) continue;
      if (box.right > width + 1 || box.left < -1) found.push(name(element) + ' from ' + box.left + ' to ' + box.right);
      const { overflowX } = getComputedStyle(element);
      if (overflowX !== 'visible' && element.tagName !== 'INPUT' && element.scrollWidth > element.clientWidth + 1)
        found.push(name(element) + ' is cut: ' + element.scrollWidth + ' in ' + element.clientWidth);
    }
    return found;
  })()`,

  smallTargets: `(() =>
    [...document.querySelectorAll('a[href], button, input:not([type=hidden]), summary')]
      .filter((element) => element.checkVisibility() && getComputedStyle(element).display !== 'inline')
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width < 43.5 || box.height < 43.5)
      .map(({ element, box }) => element.tagName.toLowerCase() + ' "' + element.textContent.trim().slice(0, 30) + '" ' + box.width + ' x ' + box.height))()`,

  faintTexts: `(() => {
    const parse = (text) => {
      const numbers = (/\\(([^)]+)\\)/.exec(text)?.[1] ?? '').split(/[ ,/]+/).map(Number);
      return { rgb: numbers.slice(0, 3), alpha: numbers[3] ?? 1 };
    };
    const luminance = (rgb) => {
      const [r, g, b] = rgb.map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const groundOf = (element) => {
      for (let one = element; one !== null; one = one.parentElement) {
        const { rgb, alpha } = parse(getComputedStyle(one).backgroundColor);
        if (alpha > 0.99) return rgb;
        if (alpha > 0) throw new Error('A ground that shines through can not be measured.');
      }
      return matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255];
    };
    const found = [];
    const check = (element, text, colour) => {
      const [light, dark] = [luminance(parse(colour).rgb), luminance(groundOf(element))].sort((one, other) => other - one);
      const ratio = (light + 0.05) / (dark + 0.05);
      const style = getComputedStyle(element);
      const size = parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (ratio < (isLarge ? 3 : 4.5)) found.push(ratio.toFixed(2) + ' "' + text.slice(0, 40) + '" ' + colour);
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent.trim();
      if (text === '' || !element.checkVisibility() || element.closest('.unseen, script, style, noscript') !== null) continue;
      check(element, text, getComputedStyle(element).color);
    }
    for (const field of document.querySelectorAll('input[placeholder]'))
      if (field.checkVisibility()) check(field, field.placeholder, getComputedStyle(field, '::placeholder').color);
    return found;
  })()`,

  stop: `(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return null;
    const style = getComputedStyle(element);
    const words = element.getAttribute('aria-label') ?? (element.placeholder || element.textContent);
    return {
      words: words.trim().replace(/\\s+/g, ' '),
      visible: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    };
  })()`,
} as const;
