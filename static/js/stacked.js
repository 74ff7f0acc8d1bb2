/* Rows are stacked on a phone (phone.css). There some browsers no longer say to a screen reader that a table is one, so
   its parts are named; cells without a value are marked, which the sheet leaves out; and where `attr()` reads the
   element itself alone, each cell gets the name of its column. */
"use strict";

(() => {
  const ROLES = {
    thead: "rowgroup", tbody: "rowgroup", tfoot: "rowgroup", tr: "row", td: "cell",
    "thead th": "columnheader", "tbody th, tfoot th": "rowheader",
  };
  const narrow = matchMedia("(max-width: 48rem)");
  const labelled = CSS.supports("x: attr(data-x type(*))");

  const prepare = (cell, table) => {
    if (/^[—-]$/.test(cell.textContent.trim())) cell.classList.add("none");
    const name = `data-c${cell.cellIndex + 1}`;
    if (!labelled && table.hasAttribute(name)) cell.setAttribute(name, table.getAttribute(name));
  };

  const describe = () => {
    if (!narrow.matches) return;
    for (const table of document.querySelectorAll("main table.rows")) {
      table.querySelectorAll("td:not([role])").forEach((cell) => prepare(cell, table));
      for (const [which, role] of Object.entries(ROLES)) {
        for (const part of table.querySelectorAll(`${which}:not([role])`)) part.setAttribute("role", role);
      }
      table.setAttribute("role", "table");
    }
  };

  narrow.addEventListener("change", describe);
  // Lists are exchanged in place, and the reasons of a date open below its row.
  new MutationObserver(describe).observe(document.querySelector("main"), { childList: true, subtree: true });
  describe();

  // A timeline wider than the screen begins at the day, with the years ahead beyond the edge.
  for (const day of document.querySelectorAll(".scroll > .timeline .today")) {
    const place = day.closest(".scroll");
    const { left, width } = place.getBoundingClientRect();
    place.scrollLeft += day.getBoundingClientRect().left - left - (width * 2) / 3;
  }
})();
