// Forms kept on this device until the server has said that it took them: in a page and in the service worker alike.
"use strict";

const outbox = {
  PAUSE_MS: 5000, // after a failed try, doubled with each
  LONGEST_PAUSE_MS: 5 * 60000,
  ASK_MS: 20000, // longer for a word is no network
  PATIENCE_MS: 5 * 60000, // photographs over a thin line
  DAYS: 25, // the server knows a key for 30

  // Entries: {id, person, action, page, label, group, at, once, fields, state, tries, next, uncertain, said, version, door, to, receipt}
  // state: draft (typed, to be sent by nobody yet) | waiting | door (somebody has to log in or show a code first) | refused | sent | old.
  async store(mode, act) {
    const opened = indexedDB.open("outbox", 1);
    opened.onupgradeneeded = () => opened.result.createObjectStore("entries", { keyPath: "id", autoIncrement: true }).createIndex("person", "person");
    const base = await outbox.done(opened);
    try {
      const whole = base.transaction("entries", mode, { durability: "strict" });
      const kept = new Promise((yes, no) => {
        whole.oncomplete = yes;
        whole.onabort = () => no(whole.error);
      });
      const result = await outbox.done(act(whole.objectStore("entries")));
      await kept; // on the disk: only then is it called kept
      return result;
    } finally {
      base.close();
    }
  },
  done: (request) => new Promise((yes, no) => {
    request.onsuccess = () => yes(request.result);
    request.onerror = () => no(request.error);
  }),
  of: (person) => outbox.store("readonly", (s) => s.index("person").getAll(person)),
  get: (id) => outbox.store("readonly", (s) => s.get(id)),
  async put(entry) {
    entry.id = await outbox.store("readwrite", (s) => s.put(entry));
    return entry;
  },
  remove: (id) => outbox.store("readwrite", (s) => s.delete(id)),

  // Whose session this is now, and the token that a form needs now: both may have changed since the form was filled in.
  async who() {
    const answer = await fetch("/waiting/who", { signal: AbortSignal.timeout(outbox.ASK_MS) });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  },

  // Send what waits, in the order in which it was written; only what belongs to whoever is logged in now. One tab or the
  // service worker does it at a time. `now`: without regard to the pause after a failure. Gives who that is.
  flush: (now = false) => navigator.locks.request("outbox", async () => {
    const who = await outbox.who();
    const stuck = new Set();
    for (const entry of await outbox.of(who.person)) {
      if (entry.state === "draft") continue;
      if (entry.state === "waiting" || entry.state === "door") {
        if (stuck.has(entry.group)) continue;
        if (now || entry.next <= Date.now()) await outbox.send(entry, who.token);
      }
      if (entry.state !== "sent") stuck.add(entry.group);
    }
    return who.person;
  }),

  async send(entry, token) {
    if (Date.now() - entry.at > outbox.DAYS * 86400000) return outbox.put({ ...entry, state: "old" });
    const body = new FormData();
    body.append("csrfmiddlewaretoken", token);
    for (const { name, value } of entry.fields) body.append(name, value);
    const headers = { "Sent-By": String(entry.person), ...(entry.once && { "Sent-Once": entry.once }) };
    entry.uncertain = true; // until there is an answer
    await outbox.put(entry);
    let answer, text;
    try {
      answer = await fetch(entry.action, { method: "POST", body, headers, signal: AbortSignal.timeout(outbox.PATIENCE_MS) });
      text = await answer.text();
    } catch {
      return outbox.later(entry);
    }
    return outbox.answered(entry, answer, text);
  },

  answered(entry, answer, text) {
    const json = answer.headers.get("Content-Type")?.includes("json");
    const said = json ? JSON.parse(text) : {};
    if (said.to) {
      return outbox.keep(entry, { state: "sent", fields: [], uncertain: false, to: said.to, receipt: said.receipt });
    }
    // A page that is no answer of ours, such as a hotel's log-in, is no answer at all.
    if (answer.ok || answer.status >= 502) return outbox.later(entry);
    entry.uncertain = false;
    if (answer.status === 401) return outbox.keep(entry, { state: "door", door: said.door });
    if (answer.status === 429 || answer.status >= 500) return outbox.later(entry, Number(answer.headers.get("Retry-After")) * 1000);
    return outbox.keep(entry, { state: "refused", said: said.said || outbox.words(text), version: outbox.version(text, entry), status: answer.status });
  },

  // The refusal's own words, and the version that the form would have now, if the step may still be taken.
  words(text) {
    const told = text.match(/class="refusal"[^>]*>([\s\S]*?)<\/div>/)?.[1] || "";
    const parts = [...told.matchAll(/<(strong|li)[^>]*>([\s\S]*?)<\/\1>/g)].map((found) => found[2]);
    return (parts.join(" ") || text.match(/<h1[^>]*>([\s\S]*?)<\/h1>/)?.[1] || "").replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim();
  },
  version(text, entry) {
    const form = text.split("<form").find((part) => part.includes(`action="${entry.action}"`)) || "";
    return form.match(/name="version" value="(\d+)"/)?.[1] || "";
  },

  later(entry, pause = 0) {
    const tries = (entry.tries || 0) + 1;
    const next = Date.now() + Math.max(pause || 0, Math.min(outbox.PAUSE_MS * 2 ** (tries - 1), outbox.LONGEST_PAUSE_MS));
    return outbox.keep(entry, { state: "waiting", tries, next });
  },
  keep: (entry, changes) => outbox.put(Object.assign(entry, changes)),
};
