/* A checklist by keys alone: a key marks the item that has the focus and leads to the next one. Fields for text keep
   their keys. The keys rest where the person has switched shortcuts off, and after "g", which leads to another page. */
"use strict";

(() => {
  const form = document.querySelector("form[data-checklist]");
  const items = [...form.querySelectorAll("[data-item]")];
  const finish = form.querySelector("[data-finish]");
  const output = form.querySelector("output[data-marked]");
  const PATIENCE = 1500; // milliseconds, as in shortcuts.js
  const TYPED_IN = "input:not([type=radio]), textarea, select";
  let afterG = -Infinity;

  const areOn = () => {
    try { return localStorage.getItem("shortcuts") !== "off"; } catch { return true; }
  };
  const chosen = (item) => item.querySelector("input[type=radio]:checked");
  const enter = (item) => (item ? chosen(item) ?? item.querySelector("input[type=radio]") : finish).focus();

  const count = () => {
    output.textContent = output.dataset.marked.replace("{n}", items.filter(chosen).length);
  };

  const mark = (item, radio) => {
    if (radio) radio.checked = true;
    else if (chosen(item)) chosen(item).checked = false;
    form.dispatchEvent(new Event("input"));
  };

  const typing = (event, item) => {
    const leaves = event.key === "Escape" || (event.key === "Enter" && event.target.matches("input"));
    if (!item || !leaves) return;
    event.preventDefault();
    enter(event.key === "Escape" ? item : items[items.indexOf(item) + 1]);
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || document.querySelector("dialog[open]")) return;
    const item = event.target.closest("[data-item]");
    if (event.target.matches(TYPED_IN)) return typing(event, item);
    const waited = event.timeStamp - afterG < PATIENCE;
    afterG = event.key === "g" ? event.timeStamp : -Infinity;
    if (waited || !areOn() || event.key.length > 1) return;
    const at = items.indexOf(item);
    const radio = item && [...item.querySelectorAll("[data-keys]")].find((one) => one.dataset.keys.includes(event.key));
    if (event.key === "j") enter(item ? items[at + 1] : items.find((one) => !chosen(one)) ?? items[0]);
    else if (event.key === "k") enter(items[at < 0 ? items.length - 1 : Math.max(at - 1, 0)]);
    else if (radio) {
      mark(item, radio);
      enter(items[at + 1]);
    } else if (item && event.key === "0") mark(item, null);
    else return;
    event.preventDefault();
    event.stopPropagation(); // shortcuts.js would turn pages by some of them
  }, true);

  form.addEventListener("input", count);
})();
