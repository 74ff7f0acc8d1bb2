/* A field for a day takes many ways of writing. Once it is filled in, the server reads the day back in words; a button
   opens the browser's calendar, whose choice is written into the field. */
"use strict";

(() => {
  const { reads, calendar } = document.currentScript.dataset;
  const FIELD = "main input.day-input:not([data-has-calendar])"; // the header is too narrow for a calendar
  const ISO = /^\d{4}-\d{2}-\d{2}$/;

  const readBack = async (field, output) => {
    const text = field.value.trim();
    output.textContent = "";
    if (!text) return;
    try {
      const answer = await fetch(`${reads}?${new URLSearchParams({ text })}`, { credentials: "same-origin" });
      const read = answer.ok && !answer.redirected; // not the sign-in page
      if (read && field.value.trim() === text) output.textContent = await answer.text();
    } catch { /* no line to the server: the form will say it */ }
  };

  const addCalendar = (field, output) => {
    const days = Object.assign(document.createElement("input"), { type: "date", tabIndex: -1, className: "unseen" });
    days.setAttribute("aria-hidden", "true");
    const button = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: calendar });
    button.addEventListener("click", () => {
      days.value = ISO.test(field.value.trim()) ? field.value.trim() : "";
      days.showPicker();
    });
    days.addEventListener("change", () => {
      if (!days.value) return;
      field.value = days.value;
      field.dispatchEvent(new Event("change", { bubbles: true }));
      field.focus();
    });
    const span = Object.assign(document.createElement("span"), { className: "calendar" });
    span.append(button, days);
    field.after(span, output);
  };

  const enhance = () => {
    for (const field of document.querySelectorAll(FIELD)) {
      field.dataset.hasCalendar = "";
      const output = Object.assign(document.createElement("output"), { className: "day-words" });
      if ("showPicker" in HTMLInputElement.prototype) addCalendar(field, output);
      else field.after(output);
      field.addEventListener("change", () => readBack(field, output));
    }
  };

  enhance();
  new MutationObserver(enhance).observe(document.body, { childList: true, subtree: true });
})();
