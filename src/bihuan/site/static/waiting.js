// What waits to be sent: read, changed, taken back, sent now; and what was refused, with the words and photographs.
"use strict";

{
  const list = document.getElementById("waiting-list");
  const row = document.getElementById("waiting-entry").content;
  const plain = (html) => new DOMParser().parseFromString(html || "", "text/html").body.textContent;

  function make(name, properties, ...inside) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...inside);
    return made;
  }

  // Words can be changed while it is certain that they were not sent; then the server would know the key with other words.
  const open = (entry) => !entry.uncertain && entry.state !== "sent";

  function input(field, id) {
    if (field.choices) {
      const chosen = make("select", { id, className: "form-select" }, ...field.choices.map(([value, label]) => make("option", { value, textContent: label })));
      chosen.value = field.value;
      return chosen;
    }
    const long = field.kind === "textarea";
    const box = make(long ? "textarea" : "input", { id, className: "form-control", ...(long ? { rows: 4 } : { type: field.kind }) });
    if (field.most > 0) box.maxLength = field.most;
    box.value = field.value;
    return box;
  }

  function shown(entry, field, place) {
    const id = `entry-${entry.id}-${place}`;
    if (field.kind === "checkbox") return make("p", { textContent: field.label });
    const box = input(field, id);
    box.disabled = !open(entry);
    box.addEventListener("input", () => { field.value = box.value; });
    return make("div", { className: "field" }, make("label", { htmlFor: id, textContent: field.label }), box);
  }

  function photographs(entry, form) {
    const files = entry.fields.filter((f) => f.kind === "file");
    if (!files.length) return;
    const items = files.map((field) => {
      const { value: file } = field;
      const seen = file.type.startsWith("image/") ? make("img", { src: URL.createObjectURL(file), alt: file.name }) : file.name;
      const item = make("li", {}, seen);
      if (open(entry) && files.length > 1) {
        const gone = make("button", { type: "button", className: "btn", textContent: list.dataset.without });
        gone.setAttribute("aria-label", `${list.dataset.without} ${file.name}`);
        gone.addEventListener("click", async () => {
          entry.fields = entry.fields.filter((f) => f !== field);
          await outbox.put(entry);
          draw();
        });
        item.append(gone);
      }
      return item;
    });
    form.append(make("ul", { className: "kept-photos" }, ...items));
  }

  const acts = {
    save: (entry) => outbox.put({ ...entry, state: entry.state === "refused" ? "refused" : "waiting", next: 0 }),
    send: async (entry) => { await outbox.put({ ...entry, state: "waiting", next: 0, at: Date.now() }); await outbox.flush(true).catch(() => {}); },
    async again(entry) {
      for (const field of entry.fields) if (field.name === "version") field.value = entry.version;
      await acts.send(entry);
    },
    remove: (entry) => outbox.remove(entry.id),
    seen: (entry) => outbox.remove(entry.id),
  };

  function card(entry, stuck) {
    const made = document.importNode(row, true).firstElementChild;
    const part = (name) => made.querySelector(`[data-part=${name}]`);
    const act = (name) => made.querySelector(`[data-act=${name}]`);
    made.classList.add(`card-${entry.state}`);
    const { dataset } = part("state");
    const barred = entry.state === "door" || (entry.state === "waiting" && sending.away(entry));
  const state = barred ? (entry.person ? "door" : "asked") : entry.uncertain ? "uncertain" : entry.state === "waiting" && stuck ? "behind" : entry.state;
    part("state").textContent = dataset[state];
    part("at").textContent = new Date(entry.at).toLocaleString(document.documentElement.lang);
    part("at").dateTime = new Date(entry.at).toISOString();
    part("label").textContent = entry.label;
    part("said").hidden = entry.state !== "refused";
    part("said").textContent = plain(entry.said);
    const [number, code] = (entry.receipt || "").split(" ");
    part("receipt").hidden = !code;
    part("number").textContent = number;
    part("code").textContent = code || "";
    const form = part("words");
    form.addEventListener("submit", (event) => event.preventDefault());
    const asked = entry.fields.map((field, place) => [field, place]).filter(([field]) => !["hidden", "file"].includes(field.kind) && field.label);
    form.append(...asked.map(([field, place]) => shown(entry, field, place)));
    photographs(entry, form);
    const door = part("door");
    door.hidden = !barred;
    door.href = sending.door(entry);
    door.textContent = entry.person ? door.dataset.login : door.dataset.code;
    part("page").hidden = !(entry.to || entry.page);
    part("page").href = entry.to || entry.page;
    act("again").hidden = !(entry.state === "refused" && entry.version);
    act("send").hidden = !(["waiting", "old"].includes(entry.state) || (entry.state === "refused" && !entry.version));
    act("save").hidden = !(open(entry) && asked.some(([field]) => field.kind !== "checkbox"));
    act("remove").hidden = entry.state === "sent";
    act("seen").hidden = entry.state !== "sent";
    for (const button of made.querySelectorAll("[data-act]")) button.addEventListener("click", () => press(button, entry));
    return made;
  }

  // What is taken back is gone: asked for twice.
  async function press(button, entry) {
    if (button.dataset.sure && button.textContent !== button.dataset.sure) {
      button.textContent = button.dataset.sure;
      return;
    }
    button.disabled = true;
    await acts[button.dataset.act](entry);
    draw();
  }

  async function draw() {
    const entries = (await outbox.of(sending.person)).filter((e) => e.state !== "draft");
    const stuck = new Set();
    list.replaceChildren(...entries.map((entry) => {
      const made = card(entry, stuck.has(entry.group));
      if (entry.state !== "sent") stuck.add(entry.group);
      return made;
    }));
    for (const entry of entries) if (entry.state === "sent" && !entry.receipt && !entry.seen) await outbox.put({ ...entry, seen: true });
    document.getElementById("nothing-waits").hidden = entries.length > 0;
  }

  // What was delivered and told once is not told again; a number and code stay until they were written down.
  outbox.of(sending.person).then(async (entries) => {
    for (const entry of entries) if (entry.seen) await outbox.remove(entry.id);
    draw();
    // A box that is being written in is not drawn anew under the hand.
    addEventListener("outbox", () => { if (!list.contains(document.activeElement)) draw(); });
  });
}
