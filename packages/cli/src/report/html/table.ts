import { html, type Markup, type Piece } from './markup.js';

/** A table cell: what it shows and, for sorting, its number. */
export interface TableCell {
  readonly show: Piece;
  readonly sort?: number;
}

/** A column: its title, and whether its figures are set to the right. */
export interface Column {
  readonly title: string;
  readonly figures?: boolean;
}

/** A table: the first cell of each row is its heading. */
export interface TablePlan {
  /** States the finding or what is listed; always there. */
  readonly caption: Piece;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly TableCell[])[];
  readonly sortable?: boolean;
}

/** A cell of text. */
export const cell = (show: Piece, sort?: number): TableCell =>
  sort === undefined ? { show } : { show, sort };

const sortKey = ({ sort }: TableCell): Piece => sort !== undefined && html` data-sort="${sort}"`;

const body = (row: readonly TableCell[], columns: readonly Column[]): Markup =>
  html`<tr>${row.map((item, index) => {
    const figures = columns[index]?.figures === true && html` class="fig"`;
    return index === 0
      ? html`<th scope="row"${sortKey(item)}>${item.show}</th>`
      : html`<td${figures}${sortKey(item)}>${item.show}</td>`;
  })}</tr>
`;

/** The table in a box of its own that scrolls where the page is narrow, reachable by keyboard. */
export function table({ caption, columns, rows, sortable }: TablePlan): Markup {
  return html`<div class="scroll" role="group" aria-label="table, scrolls sideways" tabindex="0">
<table class="${columns.length > 4 ? 'broad' : 'slim'}${sortable === true && ' sortable'}">
<caption><span>${caption}</span></caption>
<thead><tr>${columns.map(({ title, figures }) => html`<th scope="col"${figures === true && html` class="fig"`}>${title}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => body(row, columns))}</tbody>
</table></div>
`;
}
