// Every form marked data-offline is kept on this device before it is sent, and sent later when there is no network now.
// A form that the server refuses is sent once more as forms are, so that its page says why. Works without this file too,
// but then needs the network.
"use strict";

const sending = {
  person: Number(document.body.dataset.person),
  who: null, // whose session it was when something was last sent; null: not known
  note: document.getElementById("waiting-note"),
  RETRY_MS: 20000,
  SLOW_MS: 1500,

  field(form, name, value) {
    const found = form.elements.namedItem(name);
    const one = found instanceof RadioNodeList ? found[0] : found;
    const said = (element) => element?.textContent.replace(/\s+/g, " ").trim() || "";
    if (value instanceof File) return { name, value, kind: "file", label: said(one?.labels?.[0]) };
    const choices = one?.tagName === "SELECT" ? [...one.options].map((o) => [o.value, said(o)])
      : one?.type === "radio" ? [...form.elements].filter((f) => f.name === name).map((f) => [f.value, said(f.labels[0])]) : null;
    const label = said(one?.type === "radio" ? one.closest("fieldset")?.querySelector("legend") : one?.labels?.[0]);
    return { name, value, kind: one?.tagName === "BUTTON" ? "hidden" : one?.type || "hidden", label, choices, most: one?.maxLength };
  },

  // What is to be sent: for files marked each, one entry a file, so that one that is refused holds up none.
  entries(form, button) {
    const own = button?.dataset.offlineAction ? button.dataset : null;
    const fields = own ? [{ name: "version", value: own.offlineVersion, kind: "hidden" }]
      : [...new FormData(form, button)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && !(value instanceof File && !value.size))
        .map(([name, value]) => sending.field(form, name, value));
    const address = new URL(own ? own.offlineAction : button?.hasAttribute("formaction") ? button.formAction : form.action, location.href);
    const action = address.pathname + address.search;
    const group = (own || form.dataset).offlineGroup || action;
    const label = [(own || form.dataset).offlineGroup, form.dataset.offline || button?.textContent.trim()].filter(Boolean).join(" · ");
    const made = (some) => ({
      person: sending.person, action, group, label, page: own ? own.offlinePage : location.pathname + location.search, at: Date.now(), fields: some,
      once: some.some((f) => f.name === "key") ? "" : crypto.randomUUID(), state: "waiting", tries: 0, next: 0, uncertain: false,
    });
    const files = fields.filter((f) => f.kind === "file");
    const apart = "offlineEach" in form.dataset && !navigator.onLine && files.length > 1;
    return apart ? files.map((file) => made([...fields.filter((f) => f.kind !== "file"), file])) : [made(fields)];
  },

  missing: (form) => [...form.elements].find((f) => (f.required || f.getAttribute("aria-required") === "true") && !f.value.trim()),

  // A button that sends something of its own from within a list, such as one tap on a card, is busy alone.
  place: (form, button) => (button?.dataset.offlineAction ? button.closest("[data-row]") : form),

  async submit(form, button) {
    const place = sending.place(form, button);
    const empty = !navigator.onLine && sending.missing(form);
    if (empty) {
      sending.say(place, sending.note.dataset.needed + (empty.labels[0]?.textContent.trim() || ""));
      empty.focus();
      return;
    }
    const kept = [];
    sending.busy(place, true);
    try {
      for (const entry of sending.entries(form, button)) kept.push((await outbox.put(entry)).id);
    } catch {
      sending.busy(place, false);
      for (const id of kept) await outbox.remove(id);
      if (navigator.onLine) sending.native(form, button);
      else sending.say(place, sending.note.dataset.full);
      return;
    }
    const slow = setTimeout(() => sending.say(place, sending.note.dataset.sending), sending.SLOW_MS);
    sending.who = navigator.onLine ? await outbox.flush(true).catch(() => null) : null;
    clearTimeout(slow);
    await sending.settled(form, button, await Promise.all(kept.map(outbox.get)));
    sending.show();
  },

  // Somebody else is logged in, or nobody any more: nothing of this account's was sent.
  away: (entry) => sending.who !== null && sending.who !== entry.person,

  async settled(form, button, entries) {
    const states = new Set(entries.map((e) => (sending.away(e) ? "door" : e.state)));
    const place = sending.place(form, button);
    const only = states.size === 1 && [...states][0];
    if (only === "sent") {
      for (const { id } of entries) await outbox.remove(id);
      sending.forget(form);
      sending.go(place === form ? entries.at(-1).to : location.href);
    } else if (entries.length === 1 && (only === "refused" || (only === "door" && form.dataset.draft))) {
      await outbox.remove(entries[0].id);
      sending.busy(place, false);
      sending.native(form, button);
    } else if (only === "door" || states.has("refused")) {
      sending.forget(form);
      sending.go(only === "door" ? sending.door(entries[0]) : sending.note.dataset.to);
    } else {
      sending.forget(form);
      const { kept, behind } = sending.note.dataset;
      sending.say(place, sending.who !== null ? behind : kept.replace("TIME", sending.time(entries[0].at)), sending.note.dataset.to);
      navigator.serviceWorker?.ready.then((found) => found.sync?.register("outbox")).catch(() => {});
    }
  },

  door: (entry) => (entry.person || !entry.door ? `/login?${new URLSearchParams({ next: entry.page, ended: 1 })}` : entry.door),

  native(form, button) {
    form.dataset.native = "";
    form.requestSubmit(button?.form === form ? button : undefined);
    delete form.dataset.native;
  },

  busy(place, on) {
    place.toggleAttribute("aria-busy", on);
    for (const f of place.elements || place.querySelectorAll("button")) if (f.tagName === "BUTTON" && f.type === "submit") f.disabled = on;
  },

  say(place, words, to) {
    const said = place.querySelector(".offline") || place.appendChild(document.createElement("p"));
    said.className = "offline notice notice-warning";
    said.setAttribute("role", "alert");
    said.textContent = words + " ";
    if (to) said.append(sending.link(to));
  },

  link: (to, name) => Object.assign(document.createElement("a"), { href: to, textContent: name || sending.note.dataset.see }),
  time: (at) => new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }),
  forget: (form) => form.dataset.draft && sessionStorage.removeItem("draft:" + form.dataset.draft),

  go(to) {
    const url = new URL(to, location.href);
    const here = url.pathname + url.search === location.pathname + location.search;
    if (here && url.hash) history.replaceState(null, "", url.hash);
    if (here) location.reload();
    else location.assign(to);
  },

  // Above the page: how old it is when it was kept, and what waits.
  async show() {
    if (document.querySelector("form[data-shared]")) return;
    dispatchEvent(new Event("outbox"));
    const entries = await outbox.of(sending.person);
    for (const entry of entries) sending.mark(entry);
    const lines = [];
    const { keptAt } = document.body.dataset;
    if (keptAt) {
      const { seen, stale, anew } = sending.note.dataset;
      const at = new Date(Number(keptAt)).toLocaleString(document.documentElement.lang);
      lines.push(navigator.onLine ? ["warning", stale.replace("TIME", at), location.pathname + location.search, anew] : ["warning", seen.replace("TIME", at)]);
    }
    const kinds = [["waiting", "warning", ["waiting", "door"]], ["refused", "error", ["refused", "old"]], ["sent", "success", ["sent"]]];
    for (const [kind, tone, states] of document.getElementById("waiting-list") ? [] : kinds) {
      const n = entries.filter((e) => states.includes(e.state) && !e.seen).length;
      if (n) lines.push([tone, sending.note.dataset[kind].replace("N", n), sending.note.dataset.to]);
    }
    sending.note.replaceChildren(...lines.map(([tone, words, to, name]) => {
      const line = Object.assign(document.createElement("p"), { className: `notice notice-${tone}`, textContent: words + " " });
      if (to) line.append(sending.link(to, name));
      return line;
    }));
  },

  // A step that waits to be sent already is not written a second time on a page that was kept before it.
  mark(entry) {
    if (entry.state === "sent" || !entry.fields.some((f) => f.name === "version")) return;
    const form = [...document.querySelectorAll("form[data-offline]")].find((f) => f.getAttribute("action") === entry.action);
    const place = form || document.querySelector(`[data-offline-action="${entry.action}"]`)?.closest("[data-row]");
    if (!place || place.hasAttribute("aria-busy")) return;
    sending.busy(place, true);
    sending.say(place, sending.note.dataset.already, sending.note.dataset.to);
  },

  async retry(now) {
    const waits = (await outbox.of(sending.person)).some((e) => ["waiting", "door"].includes(e.state) && (now || e.next <= Date.now()));
    if (waits && navigator.onLine && !localStorage.getItem("leaving")) sending.who = await outbox.flush(now).catch(() => null);
    await sending.show();
  },

  // The service worker keeps this page, the list of what waits, and on a telephone the forms of this case's steps.
  async worker() {
    const phone = matchMedia("(max-width: 46rem), (display-mode: standalone)").matches;
    if (!navigator.serviceWorker || document.querySelector("form[data-shared]") || !(phone || document.querySelector("form[data-offline]"))) return;
    const came = navigator.serviceWorker.controller; // by whom this page was fetched: a worker that is new takes it over only later
    await navigator.serviceWorker.register("/sw.js");
    const { active } = await navigator.serviceWorker.ready;
    const forms = phone ? [...document.querySelectorAll("#act a[href*='?step=']")].map((a) => a.href.split("#")[0]) : [];
    active.postMessage({ keep: [...(came ? [] : [location.href.split("#")[0]]), ...forms], once: ["/waiting"] });
    navigator.serviceWorker.addEventListener("message", sending.show);
  },
};

if (window.indexedDB && navigator.locks) {
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    const ours = submitter?.dataset.offlineAction || ("offline" in form.dataset && !("online" in (submitter?.dataset || {})));
    if (!ours || "native" in form.dataset) return;
    event.preventDefault();
    event.stopPropagation();
    if (!sending.place(form, submitter).hasAttribute("aria-busy")) sending.submit(form, submitter);
  }, true);
  addEventListener("online", () => sending.retry(true));
  addEventListener("offline", sending.show);
  addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[aria-busy]").forEach((form) => sending.busy(form, false));
    sending.retry(true);
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) sending.retry(false); });
  // An unattended page asks for nothing, so that its session can end (desk.js).
  setInterval(() => { if (!document.hidden && Date.now() - touched < IDLE_MS) sending.retry(false); }, sending.RETRY_MS);
  sending.worker().catch(() => {});
  // A page that was kept has been sent before, perhaps: what is written in it now is something else.
  if (document.body.dataset.keptAt) document.querySelectorAll("form[data-offline] [name=key]").forEach((field) => { field.value = crypto.randomUUID(); });
}

// Whoever logs out leaves no page behind; without a network the session itself ends as soon as there is one.
const leaving = {
  async pages() {
    for (const name of (await window.caches?.keys()) || []) if (/^kept:[1-9]/.test(name)) await caches.delete(name);
  },
  async submit(event) {
    if (navigator.onLine) return leaving.pages();
    event.preventDefault();
    localStorage.setItem("leaving", sending.person);
    await leaving.pages();
    return location.assign("/offline");
  },
  watch(form) {
    form.addEventListener("submit", leaving.submit);
    const asked = localStorage.getItem("leaving");
    if (!asked || !navigator.onLine) return;
    localStorage.removeItem("leaving");
    if (asked === String(sending.person)) form.requestSubmit();
  },
};
document.querySelectorAll("form[action='/logout']").forEach(leaving.watch);
