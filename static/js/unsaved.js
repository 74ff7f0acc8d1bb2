/* A form whose words are stored nowhere: the browser asks before the page is left with words that were not sent. */
"use strict";

(() => {
  const form = document.querySelector("form[data-unsaved]");
  if (!form) return;
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
})();
