// The desk's keys and quiet refreshing. Every page works without this file.
"use strict";

const REFRESH_MS = 60000;
const IDLE_MS = 20 * 60000; // an unattended page asks for nothing, so that its session can end
let touched = Date.now();
for (const name of ["keydown", "pointerdown", "scroll"]) {
  addEventListener(name, () => { touched = Date.now(); }, { passive: true });
}

// Counts are refreshed; the list stays as it is.
const counts = document.getElementById("counts");
if (counts) {
  setInterval(() => {
    if (!document.hidden && Date.now() - touched < IDLE_MS) htmx.trigger(counts, "counts");
  }, REFRESH_MS);
}

// j k Enter x n u 1-9 / ?
const rows = [...document.querySelectorAll("[data-row]")];
let at = -1;
function go(step) {
  if (!rows.length) return;
  if (at >= 0) rows[at].classList.remove("at");
  at = Math.max(0, Math.min(rows.length - 1, at + step));
  rows[at].classList.add("at");
  rows[at].querySelector("a").focus({ preventScroll: true });
  rows[at].scrollIntoView({ block: "nearest" });
}
if (document.querySelector(".tabs")) sessionStorage.setItem("list", location.href);
const dialog = document.getElementById("keys");
const keys = {
  j: () => go(1),
  k: () => go(-1),
  x: () => {
    const box = at >= 0 && rows[at].querySelector("input[type=checkbox]");
    if (box) box.click();
  },
  n: () => document.querySelector("#act .offers .btn-primary, #act .offers .btn, #act .step-form button")?.focus(),
  u: () => location.assign(sessionStorage.getItem("list") || "/"),
  "/": () => (document.getElementById("q") || document.getElementById("top-q"))?.focus(),
  "?": () => dialog?.showModal(),
};
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.form) {
    event.preventDefault();
    event.target.form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog[open]")) return;
  const entry = /^[1-9]$/.test(event.key) && document.querySelectorAll(".top-menu a")[event.key - 1];
  const act = entry ? () => entry.click() : keys[event.key];
  if (act) {
    event.preventDefault();
    act();
  } else if (event.key === "Enter" && at >= 0 && !event.target.closest?.("a, button, summary")) {
    rows[at].querySelector("a").click();
  }
});
// A form goes once, however often its button is pressed; what is sent by fetch sees to that itself.
const SENT_MS = 15000; // a lost connection: then it may be tried again
document.addEventListener("submit", (event) => {
  const { target: form } = event;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.hasAttribute("aria-busy")) event.preventDefault();
  form.setAttribute("aria-busy", "true");
  setTimeout(() => form.removeAttribute("aria-busy"), SENT_MS);
});
document.querySelector("[data-open=keys]")?.addEventListener("click", () => dialog.showModal());

// A menu closes on Escape, which gives the focus back, and when something else is used.
const menus = [...document.querySelectorAll(".user-menu, .menu-more")];
for (const menu of menus) {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
for (const name of ["focusin", "pointerdown"]) {
  document.addEventListener(name, (event) => {
    for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
  });
}

// One more box where several units can be named.
for (const more of document.querySelectorAll("[data-more]")) {
  more.addEventListener("click", () => {
    const box = more.previousElementSibling.cloneNode();
    box.value = "";
    box.removeAttribute("id");
    more.before(box);
    htmx.process(box);
    box.focus();
  });
}

const form = document.querySelector("[data-draft]");
const shown = form ? drafts.fields(form).filter((f) => f.type !== "hidden") : [];
const first = shown.find((f) => f.getAttribute("aria-invalid")) || shown.find((f) => f.name === form.dataset.first) || shown[0];
// What was refused is read first; then the form is filled in; without one, what was done is read. The address's #act
// takes the focus away when the page is complete, so it is set after that.
function settle() {
  if (document.activeElement !== document.body && document.activeElement !== first) return;
  const to = document.querySelector(".refusal[data-focus]") || first || document.querySelector("[data-focus]");
  to?.focus({ preventScroll: to === first && !to.getAttribute("aria-invalid") });
}
settle();
addEventListener("load", () => setTimeout(settle, 0));
