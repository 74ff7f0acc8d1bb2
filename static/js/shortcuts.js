/* Keyboard shortcuts. What they are is written on the help page, which the overlay shows; they can be switched off
   there (WCAG 2.1.4). All of it listens on the document and holds no element, because parts of a page are exchanged. */
"use strict";

(() => {
  const KEPT = "shortcuts"; // in the browser: "off" where the person has switched them off
  const PATIENCE = 1500; // milliseconds within which the second key follows "g"
  const TYPED_IN = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), select, textarea, [contenteditable]";
  let afterG = -Infinity; // when “g” was pressed, as events tell the time

  document.documentElement.dataset.scripts = ""; // from now on the page may show what needs them

  const areOn = () => {
    try { return localStorage.getItem(KEPT) !== "off"; } catch { return true; }
  };
  const switchTo = (on) => {
    try { localStorage.setItem(KEPT, on ? "on" : "off"); } catch { /* kept for this page only */ }
  };

  const link = () => document.querySelector("a[data-shortcuts]");
  const shown = (element) => element.checkVisibility();
  const first = (selector) => [...document.querySelectorAll(selector)].find(shown);

  /* --- the overlay ------------------------------------------------------------------------- */

  const open = async () => {
    if (document.querySelector("main #shortcuts")) return document.querySelector("#h-shortcuts").focus();
    const from = document.activeElement;
    let part = null;
    try {
      const answer = await fetch(link().href, { credentials: "same-origin" });
      part = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#shortcuts");
    } catch { /* no line to the server: the page itself will say so */ }
    if (!part) return location.assign(link().href);
    if (document.querySelector("dialog.overlay")) return undefined;
    const overlay = document.createElement("dialog");
    overlay.className = "overlay";
    overlay.setAttribute("aria-labelledby", "h-shortcuts");
    overlay.append(document.importNode(part, true));
    for (const hidden of overlay.querySelectorAll("[data-closes]")) hidden.hidden = false;
    overlay.addEventListener("close", () => {
      overlay.remove();
      if (from?.isConnected) from.focus();
    });
    document.body.append(overlay);
    tick();
    overlay.showModal();
    return undefined;
  };

  const keepInside = (event, overlay) => {
    const stops = [...overlay.querySelectorAll("a[href], button, input")].filter(shown);
    const at = stops.indexOf(document.activeElement);
    if (event.shiftKey ? at <= 0 : at === stops.length - 1) {
      event.preventDefault();
      stops.at(event.shiftKey ? -1 : 0).focus();
    }
  };

  const tick = () => {
    for (const box of document.querySelectorAll("[data-shortcuts-on]")) box.checked = areOn();
  };

  /* --- what the keys do -------------------------------------------------------------------- */

  const goTo = (key) => {
    const address = JSON.parse(link().dataset.shortcuts)[key];
    if (!address) return;
    const there = new URL(address, location.href);
    const day = new URLSearchParams(location.search).get("as_of");
    if (day) there.searchParams.set("as_of", day);
    location.assign(there);
  };

  /* The main link of each row: its State or, where it has none, its first link. */
  const rows = () =>
    [...document.querySelectorAll("main table tbody tr")]
      .map((row) => row.querySelector(".state a[href]") ?? row.querySelector("a[href]"))
      .filter((one) => one && shown(one));

  const move = (by) => {
    const links = rows();
    if (!links.length) return;
    const here = document.activeElement?.closest("tr");
    const at = here ? links.findIndex((one) => here.contains(one)) : -1;
    const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1);
    links[next].focus();
  };

  const turn = (where) => first(`main a[rel~="${where}"]`)?.click();

  const filter = () => {
    const box = document.querySelector("main details.filters");
    if (box) box.open = true;
    first("main .filters :is(input:not([type=hidden]), select, textarea), main nav.filters a")?.focus();
  };

  const search = () => {
    const menu = document.querySelector("details.menu");
    if (menu) menu.open = true; // on a phone the field is in it
    const field = document.querySelector("#search");
    field?.focus();
    field?.select();
  };

  const KEYS = {
    "?": open,
    "/": search,
    j: () => move(1),
    k: () => move(-1),
    n: () => turn("next"),
    p: () => turn("prev"),
    f: filter,
  };

  document.addEventListener("keydown", (event) => {
    const overlay = document.querySelector("dialog.overlay[open]");
    if (overlay && event.key === "Tab") keepInside(event, overlay);
    if (overlay || !areOn() || !link() || event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest?.(TYPED_IN)) return;
    if (document.querySelector("dialog[open]")) return;
    const waited = event.timeStamp - afterG < PATIENCE;
    afterG = event.key === "g" && !event.repeat ? event.timeStamp : -Infinity;
    if (waited) goTo(event.key);
    else if (KEYS[event.key]) {
      event.preventDefault(); // or "/" would be typed into the field that it leads to
      KEYS[event.key]();
    }
  });

  document.addEventListener("click", (event) => {
    const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.button);
    if (plain && event.target.closest("a[data-shortcuts]")) {
      event.preventDefault();
      open();
    }
    event.target.closest("[data-closes]")?.closest("dialog").close();
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-shortcuts-on]")) switchTo(event.target.checked);
  });

  tick();
})();
