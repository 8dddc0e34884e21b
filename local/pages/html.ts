/** Markup made by `html`, and thereby safe to send. */
export class Html {
  constructor(readonly markup: string) {}
}

/** What a template takes between its tags and inside quoted attributes: text is escaped, nothing stays nothing. */
export type Content = Html | string | number | false | undefined | readonly Content[];

/** The only way to markup: `html\`<b>${text}</b>\``. Attributes must be quoted. */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(String.raw({ raw: strings }, ...contents.map(markupOf)));
}

function markupOf(content: Content): string {
  if (content instanceof Html) return content.markup;
  if (content === undefined || content === false) return '';
  if (typeof content === 'object') return content.map(markupOf).join('');
  return String(content).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
