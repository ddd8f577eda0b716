// Ready words go where the cursor stands in their field, beside what is typed there. Without this file the link opens the
// form with them.
"use strict";

for (const link of document.querySelectorAll("[data-ready-for]")) {
  link.addEventListener("click", (event) => {
    const field = document.getElementById(link.dataset.readyFor);
    if (!field) return;
    event.preventDefault();
    const words = link.parentElement.querySelector("p").textContent;
    field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
}
