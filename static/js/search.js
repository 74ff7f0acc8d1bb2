/* Suggestions below the search of the header while one types: a combobox with a list box (ARIA 1.2). The server finds and
   words them; without this script Enter opens the page of results. */
"use strict";

(() => {
  const { suggests, label } = document.currentScript.dataset;
  const PATIENCE = 150; // milliseconds without a key before the server is asked
  const SHORTEST = 2; // characters
  const field = document.getElementById("search");
  if (!field) return;
  const list = Object.assign(document.createElement("div"), { id: "suggestions", className: "suggestions", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  const said = Object.assign(document.createElement("output"), { className: "unseen" }); // how many there are, for screen readers
  field.form.append(list, said);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", "suggestions"], ["aria-expanded", "false"]]) {
    field.setAttribute(name, value);
  }
  let waiting = 0;
  let asked = new AbortController();

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  };

  const open = (shown) => {
    choose(null);
    list.hidden = !shown;
    field.setAttribute("aria-expanded", String(shown));
  };

  const close = () => {
    clearTimeout(waiting);
    asked.abort();
    said.textContent = "";
    open(false);
  };

  const ask = async () => {
    asked.abort();
    asked = new AbortController();
    const { signal } = asked;
    const query = new URLSearchParams(new FormData(field.form)); // with the as-of day
    try {
      const answer = await fetch(`${suggests}?${query}`, { signal, headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return; // the sign-in page
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (signal.aborted || document.activeElement !== field) return;
      list.replaceChildren(...page.querySelectorAll("body > :not(output)"));
      said.textContent = page.querySelector("output").textContent;
      open(options().length > 0);
    } catch { /* a newer text, or no line to the server: Enter still searches */ }
  };

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    choose(null);
    if (field.value.trim().length < SHORTEST) close();
    else waiting = setTimeout(ask, PATIENCE);
  });

  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const down = event.key === "ArrowDown";
    if (down || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return void (options().length ? open(true) : ask());
      const all = [null, ...options()]; // beyond the last one is the field itself
      choose(all.at((all.indexOf(chosen()) + (down ? 1 : -1)) % all.length));
    } else if (event.key === "Enter" && !list.hidden && chosen()) {
      event.preventDefault();
      chosen().click();
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault(); // which would also empty the field
      close();
    }
  });

  list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the field
  list.addEventListener("click", (event) => { if (event.target.closest("a") && !event.ctrlKey && !event.metaKey) close(); });
  field.addEventListener("blur", close);
  field.form.addEventListener("submit", close);
})();
