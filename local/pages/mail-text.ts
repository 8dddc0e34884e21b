const MARKUP =
  /<(?:!doctype|html|body|head|p|div|span|br|hr|table|a|b|i|em|strong|h[1-6]|ul|ol|img)\b[^>]*>/i;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

export const isHtml = (mail: string): boolean => MARKUP.test(mail);

/** The words of an HTML mail, in lines as they would stand on a page. For reading: the result is not safe markup. */
export function textOfHtml(markup: string): string {
  return decoded(
    markup
      .replace(/<!--.*?-->/gs, '')
      .replace(/<(style|script|head|title)\b.*?<\/\1\s*>/gis, '')
      .replace(/\s+/g, ' ')
      .replace(/<a\b[^>]*\bhref=(["'])(.*?)\1[^>]*>(.*?)<\/a>/gi, withAddress)
      .replace(/<br\b[^>]*>|<\/(?:li|tr)>/gi, '\n')
      .replace(/<li\b[^>]*>/gi, '- ')
      .replace(/<\/(?:td|th)>/gi, ' ')
      .replace(/<\/?(?:p|div|table|ul|ol|h[1-6]|blockquote|hr)\b[^>]*>/gi, '\n\n')
      .replace(/<[^>]*>/g, ''),
  )
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

const withAddress = (_link: string, _quote: string, address: string, text: string): string =>
  text.includes(address) ? text : `${text} (${address})`;

const decoded = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi, (entity, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? entity;
    const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
  });
