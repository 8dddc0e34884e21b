import { type Content, type Html, html } from './html';

/** A heading, or one whose cells hold numbers. */
export type Column = string | { readonly number: string };

/** The first cell of each row names it. On a narrow screen each row is a card of labelled lines. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Content[])[],
  empty: string,
): Html {
  if (rows.length === 0) return html`<p class="aside">${empty}</p>`;
  const heads = columns.map((column) =>
    typeof column === 'string'
      ? html`<th scope="col">${column}</th>`
      : html`<th scope="col" class="number">${column.number}</th>`,
  );
  return html`<table>
<thead><tr>${heads}</tr></thead>
<tbody>
${rows.map((cells) => html`<tr>${cells.map((content, index) => cell(columns[index] ?? '', content, index === 0))}</tr>\n`)}</tbody>
</table>`;
}

function cell(column: Column, content: Content, isName: boolean): Html {
  if (isName) return html`<th scope="row">${content}</th>`;
  if (typeof column === 'string') return html`<td data-label="${column}">${content}</td>`;
  return html`<td data-label="${column.number}" class="number">${content}</td>`;
}

export type Tone = 'good' | 'warning' | 'bad' | 'quiet';

export const badge = (text: string, tone: Tone): Html => html`<span class="badge ${tone}">${text}</span>`;
