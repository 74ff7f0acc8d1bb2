/* The browser asks before a page is left with words that were not sent. A form that comes back with words that were
   refused is data-unsaved="changed" at once. */
"use strict";

(() => {
  const form = document.querySelector("form[data-unsaved]");
  if (!form) return;
  let changed = form.dataset.unsaved === "changed";
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
})();
