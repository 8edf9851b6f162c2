/**
 * All the script of the page: columns that sort, switches among the texts, and folded parts opened for paper. It adds
 * nothing that isn't in the page already.
 */
export const script = `
(() => {
  const value = (row, index) => {
    const cell = row.cells[index];
    return cell.dataset.sort === undefined ? cell.textContent.trim().toLowerCase() : Number(cell.dataset.sort);
  };
  const sort = (table, index, heading) => {
    const up = heading.getAttribute('aria-sort') !== 'ascending';
    for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
    heading.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => {
      const x = value(a, index), y = value(b, index);
      return (x < y ? -1 : x > y ? 1 : 0) * (up ? 1 : -1);
    });
    table.tBodies[0].append(...rows);
  };
  for (const table of document.querySelectorAll('table.sortable')) {
    [...table.tHead.rows[0].cells].forEach((heading, index) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener('click', () => sort(table, index, heading));
    });
  }
  const bar = document.querySelector('.switches');
  if (bar) {
    bar.hidden = false;
    const selects = [...bar.querySelectorAll('select')];
    const texts = [...document.querySelectorAll('article.example')];
    const show = () => {
      const shown = texts.filter((text) => {
        const fits = selects.every((s) => s.value === '' || text.dataset[s.dataset.switch] === s.value);
        text.classList.toggle('off', !fits);
        return fits;
      });
      bar.querySelector('[role=status]').textContent = shown.length + ' of ' + texts.length + ' texts';
    };
    for (const select of selects) select.addEventListener('change', show);
    show();
  }
  addEventListener('beforeprint', () => {
    for (const fold of document.querySelectorAll('details')) fold.open = true;
  });
})();
`;
