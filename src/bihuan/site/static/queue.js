// One key a verdict, on the page that shows one case after another. Every button works without this file.
"use strict";

const SETTLE_MS = 300; // a key pressed for the case before must not decide this one
const drawnAt = Date.now();
const byKey = new Map([...document.querySelectorAll("[data-key]")].map((e) => [e.dataset.key, e]));

function open(summary) {
  summary.parentElement.open = true;
  summary.parentElement.querySelector("input:not([type=hidden]), select, textarea, form button")?.focus();
}

// Before the desk's own keys: here a figure is a verdict, not an entry of the menu.
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog[open]")) return;
  const target = byKey.get(event.key);
  if (!target && !/^[1-9]$/.test(event.key)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!target || event.repeat || Date.now() - drawnAt < SETTLE_MS) return;
  if (target.tagName === "SUMMARY") open(target);
  else target.click();
}, true);
