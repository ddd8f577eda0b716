// What is typed is kept at every pause, for this tab alone, until the server has taken it: not when it was sent. An ended
// session, a lost connection or the back button leaves the words where they were. Every form works without this file.
"use strict";

const drafts = {
  PAUSE_MS: 400,

  // A hidden field marked data-kept, such as the key by which a form is taken once, comes back with the words.
  fields: (form) => [...form.elements].filter((f) => f.name && ("kept" in f.dataset || !["hidden", "submit", "file", "password"].includes(f.type))),

  name: (form) => "draft:" + form.dataset.draft,

  keep(form) {
    const values = drafts.fields(form).map((f) => (["checkbox", "radio"].includes(f.type) ? f.checked : f.value));
    sessionStorage.setItem(drafts.name(form), JSON.stringify({ at: Date.now(), values }));
  },

  // Only into a form that shows nothing typed, or no more than its address filled in (data-prefilled): what the server
  // shows again after a refusal is newer.
  restore(form) {
    const { at, values } = JSON.parse(sessionStorage.getItem(drafts.name(form)) || "{}");
    const fields = drafts.fields(form);
    const ticked = (f) => ["checkbox", "radio"].includes(f.type);
    const blank = (f) => (ticked(f) ? f.checked === f.defaultChecked : f.type === "hidden" || f.tagName === "SELECT" || !f.value);
    if (values?.length !== fields.length || !("prefilled" in form.dataset || fields.every(blank))) return;
    const came = fields.filter((f, place) => {
      const before = ticked(f) ? f.checked : f.value;
      if (ticked(f)) f.checked = Boolean(values[place]);
      else f.value = values[place] || "";
      return f.type !== "hidden" && before !== (ticked(f) ? f.checked : f.value);
    });
    for (const f of came) if (!blank(f)) f.closest("details")?.setAttribute("open", "");
    if (came.length) drafts.say(form, at);
  },

  // The next citizen's form shall not be sent with the last one's words: they are told, and one press takes them away.
  say(form, at) {
    const said = document.createElement("p");
    said.className = "notice draft";
    said.setAttribute("role", "status");
    const time = new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn btn-sm", textContent: document.body.dataset.anew });
    button.addEventListener("click", () => {
      sessionStorage.removeItem(drafts.name(form));
      location.reload();
    });
    said.append(document.body.dataset.restored.replace("00:00", time), " ", button);
    form.prepend(said);
  },

  cookie: (name) => document.cookie.split("; ").find((c) => c.startsWith(name + "="))?.slice(name.length + 1),

  // The server answers a form that it has taken with the draft's name in a cookie.
  forgetTaken() {
    const taken = drafts.cookie("draft_taken");
    if (!taken) return;
    sessionStorage.removeItem("draft:" + decodeURIComponent(taken));
    document.cookie = "draft_taken=; path=/; max-age=0; samesite=lax";
  },

  // A second click sends nothing; the server would refuse it as well. Without a network nothing is sent at all.
  send(event) {
    const form = event.target;
    drafts.keep(form);
    if (!navigator.onLine) {
      event.preventDefault();
      const said = form.querySelector(".offline") || form.appendChild(document.createElement("p"));
      said.className = "offline notice notice-warning";
      said.setAttribute("role", "alert");
      said.textContent = document.body.dataset.offline;
      return;
    }
    document.cookie = `draft=${encodeURIComponent(form.dataset.draft)}; path=/; max-age=60; samesite=lax`;
    setTimeout(() => form.querySelectorAll("button:not([type=button])").forEach((b) => b.setAttribute("disabled", "")), 0);
  },

  watch(form) {
    drafts.restore(form);
    let pause = 0;
    const kept = () => {
      if (pause) drafts.keep(form);
      pause = clearTimeout(pause) || 0;
    };
    form.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(kept, drafts.PAUSE_MS);
    });
    addEventListener("pagehide", kept);
    form.addEventListener("submit", (event) => {
      kept();
      drafts.send(event);
    });
  },
};
drafts.forgetTaken();
document.querySelectorAll("[data-draft]").forEach(drafts.watch);
addEventListener("pageshow", (event) => {
  document.querySelectorAll("[data-draft] button[disabled]").forEach((b) => b.removeAttribute("disabled"));
  if (event.persisted) drafts.forgetTaken();
});
addEventListener("online", () => document.querySelectorAll(".offline").forEach((said) => said.remove()));
