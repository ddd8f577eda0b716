// One touch for a pile that is complete. The list of materials comes anew when it is known who applies.
"use strict";

{
  const show = () => document.querySelectorAll("[data-check-all]").forEach((button) => { button.hidden = false; });

  // What was ticked and written while the list was under way stays, and so does the focus.
  const list = () => document.getElementById("field-present");
  const fields = () => [...(list()?.querySelectorAll("input, textarea") || [])];
  const ticked = (field) => field.type === "checkbox";
  const name = (field) => field.name + (ticked(field) ? field.value : "");
  let kept = new Map(), focused = "";

  show();
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target !== list()) return;
    kept = new Map(fields().map((field) => [name(field), ticked(field) ? field.checked : field.value]));
    focused = list().contains(document.activeElement) ? name(document.activeElement) : "";
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    for (const field of kept.size ? fields() : []) {
      if (!kept.has(name(field))) continue;
      field[ticked(field) ? "checked" : "value"] = kept.get(name(field));
      if (focused && focused === name(field)) field.focus();
      if (!ticked(field) && field.value) field.closest("details")?.setAttribute("open", "");
    }
    kept = new Map();
    show();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-check-all]");
    if (!button) return;
    const boxes = [...button.form.querySelectorAll(`input[type="checkbox"][name="${CSS.escape(button.dataset.checkAll)}"]`)];
    const on = boxes.some((box) => !box.checked);
    for (const box of boxes) {
      box.checked = on;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
}
