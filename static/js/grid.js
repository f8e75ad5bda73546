// A grid of fields: up and down go to the same column of the row above or below.
//
// table[data-grid] with an input in its cells; everything else is the browser's own.

const grid = document.querySelector("[data-grid]");

grid?.addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || !event.target.matches("input")) return;
  const cell = event.target.closest("td");
  const rows = [...grid.tBodies[0].rows];
  const row = rows[rows.indexOf(cell.parentElement) + step];
  const next = row?.cells[cell.cellIndex]?.querySelector("input");
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.select();
});
