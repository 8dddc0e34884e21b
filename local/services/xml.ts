/** A piece of XML whose texts are escaped already. */
export class Xml {
  constructor(readonly text: string) {}
}

type Content = string | number | boolean | Xml | undefined | readonly Content[];

/** One element; `undefined` content leaves nothing, so that optional children can be written in place. */
export const element = (name: string, ...content: readonly Content[]): Xml =>
  new Xml(`<${name}>${content.map(serialize).join('')}</${name}>`);

/** A whole document whose root carries the name space that SDK clients expect. */
export const xmlDocument = (root: string, namespace: string, ...content: readonly Content[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${namespace}">${content.map(serialize).join('')}</${root}>`;

/** The texts of all elements with this name, wherever they stand; enough for the flat lists that clients send. */
export const textsOf = (document: string, name: string): string[] =>
  [...document.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
    unescapeXml(text),
  );

function serialize(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Xml) return content.text;
  if (typeof content === 'object') return content.map(serialize).join('');
  return String(content).replace(/[&<>"\r\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescapeXml = (text: string): string =>
  text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return NAMED[name] ?? whole;
  });
