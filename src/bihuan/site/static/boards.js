// Keeps a board up to date: server-sent events say that something changed, then the figures are asked for. Without them the
// desk asks every minute. Loses the network: says so, keeps what it shows, comes back by itself.
"use strict";

const board = document.getElementById("counts");
const unattended = board.hasAttribute("data-screen");
const LEAST_MS = 10000; // between two refreshes, however much changes
const SILENT_MS = 16000; // three beats unheard: the network is gone
const AGAIN_MS = 10000;
let source, heard = Date.now(), refreshed = Date.now(), waiting, opened = new Set();
let state = board.querySelector("[data-state]").dataset.state;
let renewed = new Date();

const two = (number) => String(number).padStart(2, "0");
const clock = (moment) => `${two(moment.getHours())}:${two(moment.getMinutes())}`;

function say() {
  const lost = Date.now() - heard > SILENT_MS;
  const words = lost ? board.dataset.lost.replace("{}", clock(renewed)) : "";
  for (const place of document.querySelectorAll("[data-said]")) {
    if (place.textContent !== words) place.textContent = words;
  }
  document.body.classList.toggle("lost", lost);
}

function refresh() {
  if (waiting) return;
  waiting = setTimeout(() => {
    waiting = undefined;
    refreshed = Date.now();
    htmx.trigger(board, "counts");
  }, Math.max(0, refreshed + LEAST_MS - Date.now()));
}

function listen() {
  if (!window.EventSource || source) return;
  source = new EventSource(`${board.dataset.live}?last=${encodeURIComponent(state)}`);
  source.addEventListener("counts", (event) => {
    if (event.lastEventId !== state) refresh();
    state = event.lastEventId;
  });
  source.addEventListener("beat", () => {
    heard = Date.now();
    say();
  });
  // The browser comes again by itself, unless it was refused.
  source.addEventListener("error", () => {
    if (source?.readyState !== EventSource.CLOSED) return;
    hush();
    setTimeout(() => { if (wanted()) listen(); }, AGAIN_MS);
    if (navigator.onLine && !document.hidden) refresh();
  });
}

function hush() {
  source?.close();
  source = undefined;
}

// A page that nobody looks at asks for nothing, so that its session can end; a screen is there to be looked at.
const wanted = () => unattended || (!document.hidden && Date.now() - touched < IDLE_MS);

board.addEventListener("htmx:beforeSwap", () => {
  opened = new Set([...board.querySelectorAll("details[open]")].map((one) => one.id));
});
board.addEventListener("htmx:afterSwap", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  renewed = new Date();
});

setInterval(() => {
  if (!wanted()) {
    hush();
    heard = Date.now();
  } else if (!source) {
    listen();
  }
  say();
}, 5000);

const day = document.querySelector("[data-day]"), time = document.querySelector("[data-clock]");
function tick() {
  const present = new Date();
  const words = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeZone: "Asia/Shanghai" });
  day.textContent = words.format(present);
  time.textContent = new Intl.DateTimeFormat("zh-CN", { timeStyle: "medium", hourCycle: "h23", timeZone: "Asia/Shanghai" }).format(present);
}
if (time) {
  tick();
  setInterval(tick, 1000);
}

listen();
