/* The slider of days on the first page: each step is the end of a month, the last one today. It changes `as_of` in
   the address and nothing else, as the date field in the header does. */
"use strict";

(() => {
  const PAUSE = 700; // milliseconds without another key, after which the page follows the keyboard
  const KEPT = "slider"; // in the session: the focus returns to the slider on the next page
  let waiting = 0;

  const dayAt = (slider) => {
    if (slider.value === slider.max) return slider.dataset.today;
    const [year, month] = slider.dataset.first.split("-").map(Number);
    return new Date(Date.UTC(year, month + Number(slider.value), 0)).toISOString().slice(0, 10);
  };

  const inWords = (day) =>
    new Intl.DateTimeFormat(document.documentElement.lang || "en-GB", {
      day: "numeric", month: "long", year: "numeric", timeZone: "UTC",
    }).format(new Date(day));

  const tell = (slider) => {
    const words = inWords(dayAt(slider));
    slider.setAttribute("aria-valuetext", words);
    const output = slider.parentElement.querySelector("output");
    if (output) output.textContent = words;
  };

  const go = (slider) => {
    const address = new URL(location.href);
    for (const name of ["page", "_export", "as_of"]) address.searchParams.delete(name);
    if (slider.value !== slider.max) address.searchParams.set("as_of", dayAt(slider));
    address.hash = "";
    if (address.href !== location.href) {
      try { sessionStorage.setItem(KEPT, "focus"); } catch { /* kept nowhere: the page begins at its top */ }
      location.assign(address);
    }
  };

  const ofSlider = (act) => (event) => {
    const slider = event.target;
    if (slider instanceof HTMLInputElement && slider.matches("[data-first][data-today]")) act(slider, event);
  };

  let pressed = false;
  document.addEventListener("pointerdown", () => { pressed = true; });
  document.addEventListener("keydown", () => { pressed = false; });
  document.addEventListener("input", ofSlider(tell));
  document.addEventListener("change", ofSlider((slider) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => go(slider), pressed ? 0 : PAUSE);
  }));

  try {
    if (sessionStorage.getItem(KEPT)) {
      sessionStorage.removeItem(KEPT);
      document.querySelector("[data-first][data-today]")?.focus();
    }
  } catch { /* a browser that keeps nothing */ }
})();
