/* What takes longer than a second says that it is under way: a file, a page, a form that was sent. A file is read here
   before it is saved, so that its size is shown while it grows and it can be stopped. Without this file the browser
   saves it as any other. */
"use strict";

(() => {
  const { working, preparing, received, stop } = document.currentScript.dataset;
  const SILENT = 1000; // milliseconds
  const LONGEST = 60000;
  const FILE = /\.(?:csv|xlsx|ics)$/;
  let under = null; // the file that is being read

  const bar = Object.assign(document.createElement("div"), { className: "under-way", hidden: true });
  const words = document.createElement("p");
  words.setAttribute("role", "status");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: stop, hidden: true });
  button.addEventListener("click", () => under?.abort());
  const amount = document.createElement("span");
  amount.setAttribute("aria-hidden", "true"); // it would be read out with each change
  bar.append(document.createElement("progress"), words, amount, button);
  bar.firstChild.setAttribute("aria-label", working);
  document.body.append(bar);

  let later = 0;
  const end = () => { clearTimeout(later); bar.hidden = true; button.hidden = true; };
  const begin = (text) => {
    clearTimeout(later);
    words.textContent = amount.textContent = "";
    later = setTimeout(() => {
      bar.hidden = false;
      words.textContent = text;
      if (!under) later = setTimeout(end, LONGEST); // the browser may have saved it as a file
    }, SILENT);
  };

  const size = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  const nameIn = (disposition) => /filename="?([^";]+)/.exec(disposition || "")?.[1];

  const save = async (link) => {
    under?.abort();
    const mine = (under = new AbortController());
    begin(preparing);
    button.hidden = false;
    try {
      const answer = await fetch(link.href, { signal: mine.signal });
      const name = nameIn(answer.headers.get("Content-Disposition"));
      if (!answer.ok || !name) return location.assign(link.href); // a page that says why
      const parts = [];
      let bytes = 0;
      for (const reader = answer.body.getReader(); ;) {
        const { done, value } = await reader.read();
        if (done) break;
        parts.push(value);
        bytes += value.length;
        amount.textContent = received.replace("%s", size(bytes));
      }
      const address = URL.createObjectURL(new Blob(parts, { type: answer.headers.get("Content-Type") }));
      Object.assign(document.createElement("a"), { href: address, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60000);
    } catch (problem) {
      if (problem.name !== "AbortError") location.assign(link.href);
    } finally {
      if (under === mine) { under = null; end(); }
    }
  };

  // After the other scripts: what they answer themselves is no new page.
  addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const url = new URL(link.href, location.href);
    if (url.origin !== location.origin || link.target || link.hasAttribute("download")) return;
    if (url.searchParams.has("_export") || FILE.test(url.pathname)) {
      event.preventDefault();
      return void save(link);
    }
    if (url.hash && url.pathname === location.pathname && url.search === location.search) return;
    begin(working);
  });
  addEventListener("submit", (event) => {
    if (!event.defaultPrevented && !event.target.target && event.target.method !== "dialog") begin(working);
  });
  // Gone, or back from where one was; a file that the browser saves itself leaves the page as it is.
  for (const over of ["pageshow", "pagehide", "focus", "blur"]) addEventListener(over, () => { if (!under) end(); });
})();
