// One key a verdict, on the page that shows one case after another. Every button works without this file.
"use strict";

const SETTLE_MS = 300; // a key pressed for the case before must not decide this one
const arrived = Date.now();
const byKey = new Map([...document.querySelectorAll("[data-key]")].map((e) => [e.dataset.key, e]));
const grades = [...document.querySelectorAll(".grades input")];

function open(summary) {
  summary.parentElement.open = true;
  summary.parentElement.querySelector("input:not([type=hidden]), select, textarea, .step-do button")?.focus();
}

// A grade shows what is asked with it; words typed for the other way go along.
function ask(grade) {
  const names = grade.dataset.fields.split(" ");
  const asked = [...document.querySelectorAll(".question")];
  const words = (q) => q.querySelector("textarea");
  const gone = asked.filter((q) => words(q) && !names.includes(q.dataset.asked)).map(words);
  const here = asked.filter((q) => words(q) && names.includes(q.dataset.asked)).map(words);
  asked.forEach((q) => { q.hidden = !names.includes(q.dataset.asked); });
  const typed = gone.find((f) => f.value.trim());
  if (typed && here[0] && !here[0].value.trim()) [here[0].value, typed.value] = [typed.value, ""];
  here.find((f) => f.getAttribute("aria-required"))?.focus();
}
grades.forEach((g) => g.addEventListener("change", () => ask(g)));
grades.filter((g) => g.checked).forEach(ask);

// Before the desk's own keys: here a figure is a verdict, not an entry of the menu.
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, dialog[open]")) return;
  const grade = grades.find((g) => g.value === event.key && !g.disabled);
  const target = byKey.get(event.key);
  if (!target && !grade && !/^[1-9]$/.test(event.key)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.repeat || Date.now() - arrived < SETTLE_MS) return;
  if (grade) {
    grade.checked = true;
    grade.focus();
    ask(grade);
  } else if (target?.tagName === "SUMMARY") open(target);
  else target?.click();
}, true);

// Reasons to pick and mend: a click, or the arrows while the field holds nothing else.
for (const list of document.querySelectorAll(".ready")) {
  const field = document.getElementById(list.dataset.ready);
  const texts = [...list.querySelectorAll("button")].map((b) => b.textContent);
  const put = (text) => {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  };
  list.hidden = false;
  list.addEventListener("click", (event) => { if (event.target.matches("button")) put(event.target.textContent); });
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = texts.indexOf(field.value);
    if (!step || event.isComposing || (field.value && at < 0)) return;
    event.preventDefault();
    put(texts[(at + step + texts.length + (at < 0 && step < 0 ? 1 : 0)) % texts.length]);
  });
}
document.querySelector("[data-phone]")?.focus();
