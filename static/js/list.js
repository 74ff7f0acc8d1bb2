// A list is exchanged in place when it is filtered, sorted or turned over. The server answers the same pages with
// and without this file: each answer is a whole page, of which the part marked data-updates is taken.
"use strict";

(() => {
  const PART = "[data-updates]";
  const KEPT_OPEN = "details[data-key]";
  let asked = null; // the request under way; a newer one calls it off

  const part = () => document.querySelector(PART);

  // Where a link or form leads, if it leads to another state of the same list.
  const sameList = (address) => {
    const url = new URL(address, location.href);
    const same = url.origin === location.origin && url.pathname === location.pathname;
    return same && !url.hash && !url.searchParams.has("_export") ? url : null;
  };

  // What an element is called before and after: its key, its id, or its own words without what is only for the ear.
  const nameOf = (element) => {
    if (!element) return "";
    const text = [...element.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    return element.dataset.key || element.id || element.name || (text ? text.data.trim() : element.textContent.trim());
  };

  const focusables = (within) => [...within.querySelectorAll("a[href], button, input, select, summary")];

  const giveFocus = (before, within) => {
    const again = before && focusables(within).find((one) => one.tagName === before.tag && nameOf(one) === before.name);
    if (again) return again.focus({ preventScroll: true });
    const place = before && before.place && within.querySelector(before.place);
    const near = place && (place.matches("details") ? place.querySelector("summary") : place.querySelector("a[href]"));
    if (near) return near.focus({ preventScroll: true });
    within.tabIndex = -1;
    within.focus({ preventScroll: true });
  };

  const show = (page, focused) => {
    const old = part();
    const next = document.importNode(page.querySelector(PART), true);
    const open = new Set([...old.querySelectorAll(`${KEPT_OPEN}[open]`)].map((one) => one.dataset.key));
    next.querySelectorAll(KEPT_OPEN).forEach((one) => { if (open.has(one.dataset.key)) one.open = true; });
    old.replaceWith(next);
    document.title = page.title;
    const said = page.querySelector("main > .messages");
    document.querySelectorAll("main > .messages").forEach((one) => one.remove());
    if (said) next.before(document.importNode(said, true));
    const day = page.querySelector("form.as-of");
    if (day) document.querySelector("form.as-of").replaceWith(document.importNode(day, true));
    giveFocus(focused, next);
    const told = document.getElementById("told");
    const says = next.querySelector(".says");
    if (told && says) told.textContent = says.textContent;
  };

  const load = async (url, { push, focused = null, top = false }) => {
    if (asked) asked.abort();
    asked = new AbortController();
    const mine = asked;
    part().setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { signal: mine.signal, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const arrived = sameList(answer.url);
      // Anything but the list, as the sign-in after a long pause, is a page to go to.
      if (!answer.ok || !arrived || !page.querySelector(PART)) return location.assign(url);
      if (push) history.pushState({ list: true }, "", arrived);
      show(page, focused);
      if (top) part().scrollIntoView({ block: "start" });
    } catch (problem) {
      if (problem.name !== "AbortError") location.assign(url);
    } finally {
      if (asked === mine) asked = null;
    }
  };

  const remember = (element) => {
    const place = element.closest("details[data-key]");
    const list = element.closest("ul.chosen, nav.pages");
    return {
      tag: element.tagName,
      name: nameOf(element),
      place: place ? `details[data-key="${place.dataset.key}"]` : list && `.${list.classList[0]}`,
    };
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (!link.closest(PART) || link.target || link.hasAttribute("download")) return;
    if (link.matches("a[href*=\"/why/\"]")) {
      event.preventDefault();
      return void explain(link);
    }
    const url = sameList(link.href);
    if (!url) return;
    event.preventDefault();
    load(url, { push: true, focused: remember(link), top: Boolean(link.closest(".pages")) });
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.closest(PART) || form.method !== "get") return;
    const url = sameList(form.action);
    if (!url) return;
    event.preventDefault();
    // Fields left empty stay out of the address; but no desk means every desk, where a bare list begins with one's own.
    const fields = [...new FormData(form)].filter(([name, value]) => value !== "" || name === "desk");
    url.search = new URLSearchParams(fields).toString();
    load(url, { push: true, focused: remember(event.submitter || form.querySelector("button")) });
  });

  addEventListener("popstate", () => { if (part()) load(location.href, { push: false }); });

  // The sentences behind a date open below its row, and close again.
  const explain = async (link) => {
    const row = link.closest("tr");
    if (row.nextElementSibling?.matches("tr.reasons-row")) {
      row.nextElementSibling.remove();
      link.setAttribute("aria-expanded", "false");
      return;
    }
    try {
      const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
      const reasons = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".reasons");
      if (!answer.ok || !reasons) return void location.assign(link.href);
      const below = document.createElement("tr");
      below.className = "reasons-row";
      const cell = below.insertCell();
      cell.colSpan = row.cells.length;
      cell.append(document.importNode(reasons, true));
      row.after(below);
      link.setAttribute("aria-expanded", "true");
    } catch {
      location.assign(link.href);
    }
  };
})();
