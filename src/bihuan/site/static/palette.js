// Ctrl-K: one field for anything. Without this file the link in the account menu leads to the same list as a page.
"use strict";
{
  const dialog = document.getElementById("palette");
  const field = document.getElementById("palette-q");
  const list = document.getElementById("palette-found");
  const said = document.getElementById("palette-said");
  const about = dialog.querySelector("[name=case]");
  const recent = dialog.querySelector("[name=recent]");
  const KEPT = "recent:" + dialog.dataset.person;
  const MOST = 9;
  let at = -1;

  // Only numbers are kept here; what they are is asked of the server, as far as this person may see them.
  function numbers() {
    try { return JSON.parse(localStorage.getItem(KEPT) || "[]").filter((one) => typeof one === "string"); } catch { return []; }
  }
  if (about.value) localStorage.setItem(KEPT, JSON.stringify([about.value, ...numbers().filter((one) => one !== about.value)].slice(0, MOST)));

  const options = () => [...list.querySelectorAll("[role=option]")];
  function choose(place) {
    const all = options();
    at = all.length ? (place + all.length) % all.length : -1;
    all.forEach((one, here) => one.setAttribute("aria-selected", String(here === at)));
    if (at < 0) {
      field.removeAttribute("aria-activedescendant");
      return;
    }
    field.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  }
  function open() {
    recent.value = numbers().join(",");
    if (!dialog.open) dialog.showModal();
    field.select();
    field.focus();
    htmx.trigger(field, "ask");
  }
  let typed = 0; // Enter before the answer has come waits for it
  let asked = false;
  field.addEventListener("input", () => { typed += 1; });
  list.addEventListener("htmx:afterSwap", () => {
    typed = 0;
    choose(0);
    said.textContent = list.firstElementChild?.dataset.said || "";
    if (asked) go();
  });
  function go() {
    asked = false;
    const one = options()[at];
    if (one) location.assign(one.href);
    else if (field.value.trim()) location.assign(dialog.dataset.search + "?q=" + encodeURIComponent(field.value));
  }
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      choose(at + step);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (typed) asked = true;
      else go();
    }
  });
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else if (!document.querySelector("dialog[open]")) open();
  });
  for (const link of document.querySelectorAll("[data-palette]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      link.closest("details")?.removeAttribute("open");
      open();
    });
  }
}
