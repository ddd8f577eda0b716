// Picking rows: the whole page, a span with Shift, and how many are picked. The list works without this file.
"use strict";

const boxes = [...document.querySelectorAll(".worklist tbody input[type=checkbox]")];
const page = document.getElementById("pick-page");
const whole = document.getElementById("whole");
const told = document.getElementById("picked");
let last = null;
function tell() {
  const count = boxes.filter((box) => box.checked).length;
  if (told) {
    told.hidden = !count || whole.checked;
    told.textContent = `${told.dataset.one} ${count}`;
  }
  if (page) {
    page.checked = count > 0 && count === boxes.length;
    page.indeterminate = count > 0 && count < boxes.length;
  }
}
page?.addEventListener("change", () => {
  for (const box of boxes) box.checked = page.checked;
  tell();
});
whole?.addEventListener("change", tell);
for (const box of boxes) {
  box.addEventListener("click", (event) => {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    if (event.shiftKey && from >= 0) for (const one of boxes.slice(from, to + 1)) one.checked = box.checked;
    last = box;
    tell();
  });
}
addEventListener("pageshow", tell);
tell();
