// Fields of a declared form appear and vanish as what is filled in says, on the device alone. The server judges the same
// conditions again and drops what is not shown; without this file its page is asked for once more by a button.
"use strict";

const forms = {
  ROUNDS: 30,

  isObject: (value) => typeof value === "object" && value !== null && !Array.isArray(value),

  // The words of a condition, as JSON Schema means them (kernel/forms/conditions.py).
  words: {
    const: (value, one) => value === one,
    enum: (value, some) => some.includes(value),
    minimum: (value, n) => typeof value !== "number" || value >= n,
    maximum: (value, n) => typeof value !== "number" || value <= n,
    exclusiveMinimum: (value, n) => typeof value !== "number" || value > n,
    exclusiveMaximum: (value, n) => typeof value !== "number" || value < n,
    required: (value, names) => !forms.isObject(value) || names.every((name) => name in value),
    properties: (value, parts) => !forms.isObject(value) || Object.entries(parts).every(([name, part]) => !(name in value) || forms.holds(part, value[name])),
    contains: (value, part) => !Array.isArray(value) || value.some((item) => forms.holds(part, item)),
    allOf: (value, parts) => parts.every((part) => forms.holds(part, value)),
    anyOf: (value, parts) => parts.some((part) => forms.holds(part, value)),
    not: (value, part) => !forms.holds(part, value),
  },
  holds: (schema, value) => Object.entries(schema).every(([word, bound]) => forms.words[word](value, bound)),

  number(text) {
    const plain = text.normalize("NFKC").replaceAll(",", "").trim();
    return plain === "" || Number.isNaN(Number(plain)) ? plain || undefined : Number(plain);
  },

  // The answer in a field; undefined where there is none.
  value(field) {
    const controls = [...field.querySelectorAll("[name]")];
    const { kind } = field.dataset;
    const ticked = controls.filter((f) => f.checked).map((f) => f.value);
    if (kind === "many") return ticked.length ? ticked : undefined;
    if (kind === "yes" || kind === "agree") return ticked.length ? ticked[0] === "true" : undefined;
    if (kind === "one" && controls[0].type === "radio") return ticked[0];
    if (kind === "file") return controls.some((f) => f.value) ? 0 : undefined;
    const text = controls[0].value.trim();
    return kind === "integer" || kind === "number" ? forms.number(text) : text || undefined;
  },

  at: (values, path) => (path ? path.split(".").reduce((inner, name) => inner?.[name], values) : values),

  put(values, path, value) {
    const names = path.split(".");
    const last = names.pop();
    names.forEach((name, place) => {
      values[name] ??= /^\d+$/.test(names[place + 1] ?? last) ? [] : {};
      values = values[name];
    });
    values[last] = value;
  },

  hidden: (element) => element.closest("[data-when][hidden]") !== null,

  values(asked) {
    const values = JSON.parse(asked.dataset.known || "{}");
    for (const field of asked.querySelectorAll("[data-path]")) {
      if (forms.hidden(field) || field.dataset.kind === "rows") continue;
      const group = field.dataset.kind === "group";
      const value = group ? forms.at(values, field.dataset.path) ?? {} : forms.value(field);
      if (value !== undefined) forms.put(values, field.dataset.path, value);
    }
    return values;
  },

  all: (conditions, level) => conditions.every(([schema, holds]) => forms.holds(schema, level) === holds),

  // Conditions never run in a circle, so this comes to rest.
  update(asked) {
    let values;
    for (let round = 0, again = true; again && round < forms.ROUNDS; round += 1) {
      values = forms.values(asked);
      again = false;
      for (const field of asked.querySelectorAll("[data-when]")) {
        const shown = forms.all(JSON.parse(field.dataset.when), forms.at(values, field.dataset.at) ?? {});
        again ||= field.hidden === shown;
        field.hidden = !shown;
      }
    }
    for (const control of asked.querySelectorAll("[data-when] [name]")) control.disabled = forms.hidden(control);
    for (const field of asked.querySelectorAll("[data-needed]")) {
      const level = forms.at(values, field.dataset.at) ?? {};
      const needed = !forms.hidden(field) && JSON.parse(field.dataset.needed).some((way) => forms.all(way, level));
      field.querySelector(".optional").hidden = needed;
      const control = field.querySelector("[name]");
      if (control.id) control.setAttribute("aria-required", String(needed));
    }
  },

  rowAdd(button) {
    const group = button.closest("fieldset");
    const list = group.querySelector(".asked-rows");
    const place = list.children.length;
    list.insertAdjacentHTML("beforeend", group.querySelector("template").innerHTML.replaceAll("__n__", place));
    button.hidden = place + 1 >= Number(button.dataset.most);
    return list.lastElementChild;
  },

  // Rows that were added come back with the words that were typed into them (drafts.js).
  key: (form) => `rows:${form.dataset.draft}`,
  keep(form) {
    const counts = [...form.querySelectorAll("button[data-most]")].map((b) => b.closest("fieldset").querySelector(".asked-rows").children.length);
    if (form.dataset.draft) sessionStorage.setItem(forms.key(form), JSON.stringify(counts));
  },
  restore(form) {
    if (!form.dataset.draft || !sessionStorage.getItem(drafts.name(form))) return;
    const counts = JSON.parse(sessionStorage.getItem(forms.key(form)) || "[]");
    [...form.querySelectorAll("button[data-most]")].forEach((button, place) => {
      while (!button.hidden && button.closest("fieldset").querySelector(".asked-rows").children.length < (counts[place] || 0)) forms.rowAdd(button);
    });
    drafts.restore(form);
  },

  watch(asked) {
    const { form } = asked.querySelector("button");
    forms.restore(form);
    forms.update(asked);
    asked.addEventListener("input", () => forms.update(asked));
    asked.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-most]");
      if (!button) return;
      event.preventDefault();
      const row = forms.rowAdd(button);
      forms.keep(form);
      forms.update(asked);
      row.querySelector("[name]").focus();
    });
    form.addEventListener("reset", () => setTimeout(() => forms.update(asked)));
    addEventListener("pageshow", () => forms.update(asked));
  },
};
document.querySelectorAll("[data-asked]").forEach(forms.watch);
