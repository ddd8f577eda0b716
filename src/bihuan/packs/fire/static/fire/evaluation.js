// An on-site evaluation on a telephone without a network: what is typed is kept in the outbox at every pause, what waits to be sent is
// shown as written, a photograph knows when and where it was taken, a signature is bound to what the page shows. Works without
// this file as well, but then with the network.
"use strict";

const evaluation = {
  box: document.getElementById("evaluation"),
  PAUSE_MS: 400,
  PLACE_MS: 4000,
  KEPT_MS: 1500,
  MOST: 60,
  OURS: /^(none|remark|[a-z_]+\.(places|\d+\.(where|result|required|measured|effect)))$/,
  EDGES: /^[ \t\n\u00a0\u3000\ufeff]+|[ \t\n\u00a0\u3000\ufeff]+$/g,

  device() {
    const known = localStorage.getItem("device");
    if (known) return known;
    const made = crypto.randomUUID();
    localStorage.setItem("device", made);
    return made;
  },

  async sha256(what) {
    const bytes = await crypto.subtle.digest("SHA-256", typeof what === "string" ? new TextEncoder().encode(what) : await what.arrayBuffer());
    return [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, "0")).join("");
  },

  // As `sheet_digest` does on the server.
  sheetDigest(fields) {
    const clean = (value) => value.replace(/\r\n?/g, "\n").normalize("NFC").replace(evaluation.EDGES, "");
    const lines = fields.filter(({ name, value }) => evaluation.OURS.test(name) && typeof value === "string").map(({ name, value }) => [name, clean(value)]);
    const said = lines.filter(([, value]) => value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return evaluation.sha256(said.map(([name, value]) => `${name}=${value}`).join("\n"));
  },

  fields: (form) => [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken").map(([name, value]) => sending.field(form, name, value)),
  action: (form) => new URL(form.action, location.href).pathname,
  place: (form) => form.closest("[data-item]"),

  say(form, state) {
    evaluation.place(form).querySelector(".item-kept").textContent = state ? evaluation.box.dataset[state === "draft" ? "typed" : state] : "";
  },

  // Rows

  more(sub) {
    const rows = sub.querySelectorAll("[data-spot]");
    const last = rows[rows.length - 1];
    const next = Number(last.dataset.spot) + 1;
    if (next > evaluation.MOST) return;
    const row = last.cloneNode(true);
    row.dataset.spot = next;
    row.querySelector(".spot-no").textContent = next;
    row.setAttribute("aria-label", row.getAttribute("aria-label").replace(/\d+$/, next));
    for (const field of row.querySelectorAll("[name]")) {
      field.name = field.name.replace(/\.\d+\./, `.${next}.`);
      if (["checkbox", "radio"].includes(field.type)) field.checked = false;
      else if (!field.name.endsWith(".required")) field.value = "";
    }
    last.after(row);
  },

  // What the server will say of a sub-item (`sub_judged`): told at once, also where there is no network.
  result(row, sub) {
    const at = (name) => row.querySelector(`[name$=".${name}"]`);
    if (!at("measured")) return row.querySelector("[type=radio]:checked")?.value || "";
    const [required, measured] = [at("required").value, at("measured").value].map(evaluation.exact);
    if (required === null || measured === null) return "";
    const short = sub.dataset.bound === "min" ? required - measured : measured - required;
    return short <= 0n || (!at("effect").checked && short * 100n <= required * BigInt(evaluation.box.dataset.percent)) ? "pass" : "fail";
  },

  // A number in ten-thousandths: 1.045 is not what a computer thinks it is.
  exact(text) {
    const [, whole, part = ""] = text.trim().match(/^(\d{1,7})(?:\.(\d{1,4}))?$/) || [];
    return whole ? BigInt(whole + part.padEnd(4, "0")) : null;
  },

  judge(sub) {
    const { least, again, c, more, once, failed, passed, over, number } = evaluation.box.dataset;
    const said = sub.querySelector(".sub-judged");
    const places = sub.querySelector('[name$=".places"]').value.trim();
    const results = [...sub.querySelectorAll("[data-spot]")].map((row) => evaluation.result(row, sub)).filter(Boolean);
    const faults = results.filter((one) => one === "fail").length;
    said.textContent = "";
    const typed = [...sub.querySelectorAll('[name$=".required"], [name$=".measured"]')].map((field) => field.value.trim());
    if (typed.some((one) => one && evaluation.exact(one) === null)) { said.textContent = number; return; }
    if (!/^\d+$/.test(places)) return;
    if (results.length > Number(places)) { said.textContent = over.replace("N", results.length).replace("M", places); return; }
    if (places === "0") return;
    if (faults > { A: 0, B: 1, C: Number(c) }[sub.dataset.grade]) { said.textContent = failed; return; }
    const first = "every" in sub.dataset ? Number(places) : Math.min(places, least);
    const wanted = faults && sub.dataset.grade === "B" ? Math.min(places, first + Number(again)) : first;
    const left = wanted - results.length;
    said.textContent = left > 0 ? (wanted > first ? once : more).replace("N", left) : passed;
  },

  fill(form, fields) {
    for (const { name } of fields) {
      const [, sub, spot] = name.match(/^([a-z_]+)\.(\d+)\./) || [];
      const rows = sub && form.querySelector(`[data-sub="${sub}"]`);
      while (rows && rows.querySelectorAll("[data-spot]").length < Number(spot)) evaluation.more(rows);
    }
    for (const field of form.elements) {
      if (!evaluation.OURS.test(field.name)) continue;
      const values = fields.filter((f) => f.name === field.name).map((f) => f.value);
      if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
      else field.value = values[0] || "";
    }
    // It rests on the version that was seen when it was written, not on the one that came with this page.
    form.elements.base.value = fields.find((f) => f.name === "base")?.value || "";
  },

  // Drafts: in the outbox, which outlives the browser, and never sent.

  // One at a time: two pauses that end together would keep two drafts, and show the older.
  alone: (form, act) => navigator.locks.request(`draft:${evaluation.action(form)}`, act),

  async keep(form) {
    const action = evaluation.action(form);
    await evaluation.alone(form, async () => {
      const [known] = (await evaluation.kept(form)).filter((e) => e.state === "draft");
      await outbox.put({
        ...(known && { id: known.id }), person: sending.person, action, page: location.pathname, label: form.dataset.offline, group: `draft:${action}`, at: Date.now(), fields: evaluation.fields(form), state: "draft",
      });
    });
    evaluation.say(form, "draft");
    await evaluation.refresh(); // nobody signs beside something that is typed and not saved
  },

  // A draft that says what was sent, unless more was typed meanwhile.
  forget: (form, { id, at }) => evaluation.alone(form, async () => { if ((await outbox.get(id))?.at === at) await outbox.remove(id); }),

  // `entries`: the outbox, where it was just read.
  async kept(form, entries) {
    const action = evaluation.action(form);
    return (entries || (await outbox.of(sending.person))).filter((e) => e.action === action && ["waiting", "door", "refused", "draft"].includes(e.state)).sort((a, b) => a.at - b.at);
  },

  // What this device has written last of an item, and what it is worth: a draft that says what was sent is none.
  async latest(form, entries) {
    const kept = await evaluation.kept(form, entries);
    const sent = kept.filter((e) => e.state !== "draft").at(-1);
    const draft = kept.find((e) => e.state === "draft");
    if (!draft) return sent;
    const known = sent ? await evaluation.sheetDigest(sent.fields) : evaluation.place(form).dataset.digests;
    if ((await evaluation.sheetDigest(draft.fields)) !== known) return draft;
    await evaluation.forget(form, draft);
    return sent;
  },

  async show(form, fill, entries) {
    const entry = await evaluation.latest(form, entries);
    if (entry && fill) evaluation.fill(form, entry.fields);
    evaluation.say(form, entry && (entry.state === "door" ? "waiting" : entry.state));
    return entry;
  },

  // Of the whole, as `evaluation_digest` does: what waits to be sent stands in the place of what the page came with, and stays there once it is sent.
  async digest(photos, entries) {
    const lines = [];
    for (const item of document.querySelectorAll("[data-item]")) {
      const form = item.querySelector("form.sheet");
      const entry = form && (await evaluation.latest(form, entries));
      if (entry && ["waiting", "door"].includes(entry.state)) item.dataset.digests = await evaluation.sheetDigest(entry.fields);
      if (item.dataset.digests) lines.push(`${item.dataset.item} ${item.dataset.digests}`);
    }
    const pictures = [...new Set(photos.map(([item, hash]) => `photo ${item} ${hash}`))].sort();
    return evaluation.sha256([evaluation.box.dataset.kind, ...lines, ...pictures].join("\n"));
  },

  // The photographs that are signed for, as [item, hash]: those of the page, and those that this device has taken since.
  taken: new Map(),
  async photos(entries) {
    const found = [];
    for (const item of document.querySelectorAll("[data-item]")) {
      for (const hash of item.dataset.pictures.split(" ").filter(Boolean)) found.push([item.dataset.item, hash]);
      const form = item.querySelector("form.photo");
      for (const entry of form ? entries.filter((e) => e.action === evaluation.action(form)) : []) {
        const file = entry.fields.find((f) => f.name === "file")?.value;
        if (file && !evaluation.taken.has(entry.id)) evaluation.taken.set(entry.id, await evaluation.sha256(file));
        if (["waiting", "door", "sent"].includes(entry.state) && evaluation.taken.has(entry.id)) found.push([item.dataset.item, evaluation.taken.get(entry.id)]);
      }
    }
    return found;
  },

  // What was sent meanwhile stands on the page that is kept, too, for when it is opened again without a network.
  known: 0,
  anew(entries) {
    const sent = entries.filter((e) => e.state === "sent" && e.page === location.pathname).length;
    if (sent > evaluation.known) navigator.serviceWorker?.controller?.postMessage({ keep: [location.href.split("#")[0]] });
    evaluation.known = sent;
  },

  async refresh() {
    const entries = await outbox.of(sending.person);
    let unsaved = false;
    for (const form of document.querySelectorAll("form.sheet")) unsaved = ["draft", "refused"].includes((await evaluation.show(form, false, entries))?.state) || unsaved;
    evaluation.again(entries);
    evaluation.anew(entries);
    const sign = document.getElementById("sign-form");
    if (!sign) return;
    const photos = await evaluation.photos(entries);
    sign.elements.digest.value = await evaluation.digest(photos, entries);
    sign.elements.photos.value = photos.map(([, hash]) => hash).join(" ");
    document.getElementById("sign-photos").textContent = evaluation.box.dataset.signed.replace("N", new Set(photos.map(([, hash]) => hash)).size);
    document.getElementById("sign-unsaved").textContent = unsaved ? evaluation.box.dataset.unsaved : "";
    if (!sign.hasAttribute("aria-busy")) sign.querySelector(".btn-primary").disabled = unsaved;
  },

  // What is kept until there is a network leaves its form free for the next: another photograph, another signature, a correction.
  again(entries) {
    for (const form of evaluation.box.querySelectorAll("form[data-offline][aria-busy]")) {
      const mine = entries.filter((e) => e.action === evaluation.action(form));
      if (navigator.onLine && !mine.some((e) => e.tries)) continue;
      sending.busy(form, false);
      if (form.id === "sign-form") document.getElementById("sign-clear").click();
      else if (form.classList.contains("photo")) evaluation.free(form);
    }
  },

  // What is required in one place is mostly required in the next: it is typed once.
  same(field) {
    if (!field.name.endsWith(".required")) return;
    const all = [...field.closest("[data-sub]").querySelectorAll('[name$=".required"]')];
    for (const later of all.slice(all.indexOf(field) + 1)) if (!later.value) later.value = field.value;
  },

  sheet(form, entries) {
    let pause = 0;
    const kept = () => {
      if (pause) evaluation.keep(form);
      pause = clearTimeout(pause) || 0;
    };
    form.addEventListener("change", ({ target }) => evaluation.same(target));
    form.addEventListener("input", (event) => {
      const sub = event.target.closest("[data-sub]");
      if (sub) evaluation.judge(sub);
      form.elements.taken_at.value = new Date().toISOString();
      clearTimeout(pause);
      pause = setTimeout(kept, evaluation.PAUSE_MS);
    });
    form.addEventListener("focusout", kept);
    document.addEventListener("visibilitychange", kept); // the telephone is put away, the page is left
    for (const sub of form.querySelectorAll("[data-sub]")) {
      const button = sub.querySelector("[data-more]");
      button.hidden = false;
      button.addEventListener("click", () => evaluation.more(sub));
    }
    return evaluation.show(form, true, entries);
  },

  where: () => new Promise((done) => {
    if (!navigator.geolocation) return done(null);
    setTimeout(() => done(null), evaluation.PLACE_MS);
    return navigator.geolocation.getCurrentPosition(({ coords }) => done(coords), () => done(null), { timeout: evaluation.PLACE_MS, maximumAge: 60000, enableHighAccuracy: true });
  }),

  photo(form) {
    const input = form.elements.file;
    form.querySelector("[data-plain]").hidden = form.querySelector(".photo-place").hidden = true;
    input.addEventListener("change", async () => {
      const [file] = input.files;
      if (!file) return;
      form.elements.taken_at.value = new Date().toISOString();
      const [made, at] = await Promise.all([smaller(file), evaluation.where()]);
      for (const name of ["latitude", "longitude", "accuracy"]) form.elements[name].value = at ? at[name] : "";
      const one = new DataTransfer();
      one.items.add(new File([made], made.name, { type: made.type }));
      input.files = one.files;
      form.querySelector(".photo-place").hidden = Boolean(at);
      if (at || form.elements.place.value.trim()) form.requestSubmit();
      else evaluation.ask(form);
    });
  },

  free(form) {
    form.elements.file.value = form.querySelector("[data-unplaced]").textContent = "";
    form.querySelector("[data-plain]").hidden = true;
  },

  // The telephone does not tell where it is: the photograph waits for a word about the place, or for being sent without.
  ask(form) {
    form.querySelector("[data-unplaced]").textContent = evaluation.box.dataset.unplaced;
    form.querySelector("[data-plain]").hidden = false;
    form.elements.place.focus();
  },

  pad(form) {
    const pad = document.getElementById("sign-pad");
    const file = form.elements.file;
    const clear = document.getElementById("sign-clear");
    const pen = pad.getContext("2d");
    const at = (event) => {
      const box = pad.getBoundingClientRect();
      return [((event.clientX - box.left) * pad.width) / box.width, ((event.clientY - box.top) * pad.height) / box.height];
    };
    const wipe = () => {
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, pad.width, pad.height);
      file.value = "";
      form.elements.taken_at.value = "";
    };
    const done = () => pad.toBlob((blob) => {
      const one = new DataTransfer();
      one.items.add(new File([blob], "signature.png", { type: "image/png" }));
      file.files = one.files;
      form.elements.taken_at.value = new Date().toISOString();
    });
    Object.assign(pen, { lineWidth: 4, lineCap: "round", lineJoin: "round", strokeStyle: "#102038" });
    pad.hidden = clear.hidden = false;
    wipe();
    pad.addEventListener("pointerdown", (event) => {
      pad.setPointerCapture(event.pointerId);
      pen.beginPath();
      pen.moveTo(...at(event));
    });
    pad.addEventListener("pointermove", (event) => {
      if (!pad.hasPointerCapture(event.pointerId)) return;
      pen.lineTo(...at(event));
      pen.stroke();
    });
    pad.addEventListener("pointerup", done);
    clear.addEventListener("click", wipe);
    const owner = () => form.querySelectorAll(".sign-owner").forEach((field) => { field.hidden = form.elements.who.value !== "owner"; });
    form.elements.who.addEventListener("change", owner);
    owner();
  },

  // Over a slow network the page is kept late: asked until it is.
  async told() {
    if (await window.caches?.match(location.href.split("#")[0])) document.getElementById("evaluation-kept").textContent = evaluation.box.dataset.kept;
    else if (navigator.serviceWorker) setTimeout(evaluation.told, evaluation.KEPT_MS);
  },

  async start() {
    document.querySelectorAll("[data-device]").forEach((field) => { field.value = evaluation.device(); });
    document.querySelectorAll("form.photo").forEach(evaluation.photo);
    navigator.permissions?.query({ name: "geolocation" }).then(({ state }) => {
      if (state === "denied") document.querySelectorAll(".photo-place").forEach((field) => { field.hidden = false; });
    }).catch(() => {});
    const sign = document.getElementById("sign-form");
    if (sign) evaluation.pad(sign);
    const entries = await outbox.of(sending.person);
    await Promise.all([...document.querySelectorAll("form.sheet")].map((form) => evaluation.sheet(form, entries)));
    await evaluation.refresh();
    addEventListener("outbox", evaluation.refresh);
    if (location.hash) document.querySelector(`details${location.hash}`)?.setAttribute("open", "");
    await evaluation.told();
  },
};
if (evaluation.box) evaluation.start();
