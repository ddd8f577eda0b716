// The service worker: what a page needs to be drawn, and the pages of one account seen last, for a dead spot. A page is kept
// only when the server says so (Kept-For), and goes when that account logs out, its session is over, or another one comes.
"use strict";

importScripts("/static/outbox.js");

const SHELL = "shell";
const OFFLINE = "/offline";
const UNTIL = "/kept-until"; // no page: when an account's pages are over, in milliseconds
const MOST = 60; // pages of an account
const PATIENCE_MS = 6000; // then what is kept is shown while the network goes on trying
const FIRST = [
  OFFLINE,
  ...["base.css", "parts.css", "desk.css", "unit.css", "case.css", "public.css", "phone.css", "palette.css", "vendor/tabler.min.css", "vendor/htmx.min.js",
    "drafts.js", "outbox.js", "sending.js", "waiting.js", "desk.js", "photos.js", "palette.js", "voice.js", "bihuan.svg", "fire/evaluation.css", "fire/evaluation.js"].map((name) => "/static/" + name),
];

addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const shell = await caches.open(SHELL);
    await Promise.all(FIRST.map((path) => shell.add(path).catch(() => {})));
    await skipWaiting();
  })());
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

const keeping = {
  asked: 0, // counts what is fetched to be kept
  last: new Map(), // by address: the number of what is kept

  name: (person) => `kept:${person}`,
  names: async () => (await caches.keys()).filter((name) => name.startsWith("kept:")),

  // Of all accounts but this one. What is open to everybody (0) stays.
  async forget(person) {
    for (const name of await keeping.names()) if (![keeping.name(0), keeping.name(person)].includes(name)) await caches.delete(name);
  },

  // An account's pages are over with its session, also when nobody can be asked, but for those with hours of their own.
  async alive(name) {
    if (name === keeping.name(0)) return true;
    const until = await (await caches.open(name)).match(UNTIL);
    if (until && Number(await until.text()) > Date.now()) return true;
    const cache = await caches.open(name);
    const pages = await cache.keys();
    const over = await Promise.all(pages.map(async (page) => Number((await cache.match(page))?.headers.get("Kept-Until")) < Date.now()));
    await Promise.all(pages.map((page, place) => over[place] && cache.delete(page)));
    return over.includes(false);
  },

  // What was asked for earlier is never put over what was asked for later: the page may be of before a step.
  async store(url, response, asked) {
    const person = response.headers.get("Kept-For");
    if (new URL(response.url || url, location).pathname === "/login") return keeping.forget(0);
    if (person === null) return response.status === 403 || response.status === 404 ? keeping.drop(url) : undefined;
    if (person !== "0") await keeping.forget(person);
    const cache = await caches.open(keeping.name(person));
    const seconds = Number(response.headers.get("Kept-Seconds"));
    if (seconds) await cache.put(UNTIL, new Response(String(Date.now() + seconds * 1000)));
    const body = (await response.text()).replace("<body", `<body data-kept-at="${Date.now()}"`);
    if (asked < keeping.last.get(url)) return;
    keeping.last.set(url, asked);
    const hours = Number(response.headers.get("Kept-Hours"));
    await cache.put(url, new Response(body, { headers: { ...keeping.headers(response), "Kept-Until": String(Date.now() + hours * 3600000 - 1) } }));
    const pages = (await cache.keys()).filter((request) => !request.url.endsWith(UNTIL));
    for (const old of pages.slice(0, Math.max(0, pages.length - MOST))) await cache.delete(old);
  },

  headers: (response) => Object.fromEntries(["Content-Type", "Content-Security-Policy"].map((name) => [name, response.headers.get(name) || ""])),

  async drop(url) {
    for (const name of await keeping.names()) await (await caches.open(name)).delete(url);
  },

  // An account's own page before the public one; at the door, where that account's day begins.
  async find(url) {
    const path = new URL(url).pathname;
    const wanted = path === "/home" || path === "/" ? ["/mine", "/head", "/public"] : [url];
    for (const name of (await keeping.names()).sort().reverse()) {
      if (!(await keeping.alive(name))) continue;
      for (const one of wanted) {
        const found = await (await caches.open(name)).match(one);
        if (found) return found;
      }
    }
    return undefined;
  },

  // Kept before anybody sees it: what a page would tell once is left for whoever reads it.
  async fetched(url) {
    const asked = (keeping.asked += 1);
    const response = await fetch(url, { credentials: "same-origin", headers: { "Kept-Ahead": "1" } });
    if (!response.redirected) await keeping.store(url, response, asked);
  },
};

const after = (ms) => new Promise((done) => setTimeout(done, ms));

async function page(event) {
  const { request } = event;
  const number = (keeping.asked += 1);
  const asked = fetch(request);
  event.waitUntil(asked.then((response) => response.type === "basic" && keeping.store(request.url, response.clone(), number)).catch(() => {}));
  const held = async () => (await keeping.find(request.url)) || Promise.reject(new Error("not kept"));
  try {
    return await Promise.race([asked, after(PATIENCE_MS).then(held).catch(() => asked)]);
  } catch {
    return held().catch(() => caches.match(OFFLINE));
  }
}

async function still(event) {
  const shell = await caches.open(SHELL);
  const asked = fetch(event.request);
  event.waitUntil(asked.then((response) => response.ok && shell.put(event.request, response.clone())).catch(() => {}));
  const held = async () => (await shell.match(event.request)) || Promise.reject(new Error("not kept"));
  return Promise.race([asked.catch(held), after(PATIENCE_MS).then(held).catch(() => asked)]);
}

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(page(event));
  else if (url.pathname.startsWith("/static/")) event.respondWith(still(event));
});

addEventListener("message", (event) => {
  const { keep = [], once = [] } = event.data || {};
  event.waitUntil((async () => {
    for (const path of once) if (!(await keeping.find(new URL(path, location).href))) await keeping.fetched(path).catch(() => {});
    for (const url of keep) await keeping.fetched(url).catch(() => {});
  })());
});

// The browser wakes us when the network is back, also when no page is open; what still waits is tried again later.
addEventListener("sync", (event) => {
  event.waitUntil((async () => {
    const person = await outbox.flush(true);
    for (const client of await clients.matchAll()) client.postMessage("flushed");
    const entries = await outbox.of(person);
    const pages = new Set(entries.filter((entry) => entry.state === "sent").map((entry) => new URL(entry.page, location).href));
    for (const url of pages) if (await keeping.find(url)) await keeping.fetched(url).catch(() => {}); // what was sent stands on them now
    if (entries.some((entry) => entry.state === "waiting")) throw new Error("not all is sent");
  })());
});
