// Asks for the calls every half second (304 while nothing was called), shows what is new and says it aloud. Loses the network: says so.
"use strict";

{
  const calls = document.getElementById("calls");
  const list = calls.querySelector("[data-list]"), waiting = calls.querySelector("[data-waiting]"), said = calls.querySelector("[data-said]");
  const voice = calls.querySelector("[data-voice]");
  const EVERY_MS = 500, SILENT_MS = 5000;
  let tag = "", heard = Date.now();
  let known = new Set([...list.querySelectorAll("[data-id]")].map((one) => one.dataset.id));

  const made = (name, text, place) => {
    const element = place.appendChild(document.createElement(name));
    element.textContent = text;
    return element;
  };

  function speak(one) {
    if (voice.getAttribute("aria-pressed") !== "true") return;
    const spelled = one.number.split("").join(" ");
    const words = new SpeechSynthesisUtterance(calls.dataset.words.replace("{number}", spelled).replace("{window}", one.window));
    words.lang = document.documentElement.lang;
    words.rate = 0.9;
    speechSynthesis.speak(words);
  }

  function show(told) {
    const alone = calls.classList.contains("calls-one");
    if (told.calls.length || alone) list.replaceChildren();
    if (alone && !told.calls.length) made("li", calls.dataset.none, list).className = "calls-none";
    for (const one of told.calls) {
      const line = list.appendChild(document.createElement("li"));
      line.dataset.id = one.id;
      line.classList.toggle("there", one.there);
      made("b", one.number, line);
      const place = made("span", "", line);
      if (alone) place.textContent = one.there ? calls.dataset.there : calls.dataset.come;
      else {
        const [before, after] = calls.dataset.unit.split("{window}");
        place.append(before);
        made("i", one.window, place);
        place.append(after);
      }
      if (!known.has(one.id)) line.classList.add("new");
    }
    for (const one of [...told.calls].reverse()) if (!known.has(one.id) && !one.there) speak(one);
    known = new Set(told.calls.map((one) => one.id));
    if (!waiting) return;
    waiting.replaceChildren();
    made("li", waiting.dataset.label, waiting);
    for (const [code, name, count] of told.waiting) {
      const line = made("li", `${code} ${name} `, waiting);
      made("b", count, line);
    }
  }

  async function ask() {
    try {
      const answer = await fetch(calls.dataset.now, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
      if (answer.redirected || answer.status === 403) return location.reload();
      if (answer.ok || answer.status === 304) heard = Date.now();
      if (answer.ok) {
        tag = answer.headers.get("ETag") || "";
        show(await answer.json());
      }
    } catch { /* said below */ }
    const lost = Date.now() - heard > SILENT_MS ? calls.dataset.lost : "";
    if (said.textContent !== lost) said.textContent = lost;
    setTimeout(ask, EVERY_MS);
  }

  if (window.speechSynthesis) {
    voice.hidden = false;
    voice.addEventListener("click", () => {
      const on = voice.getAttribute("aria-pressed") !== "true";
      voice.setAttribute("aria-pressed", String(on));
      voice.textContent = on ? voice.dataset.on : voice.dataset.off;
      if (on) speechSynthesis.speak(new SpeechSynthesisUtterance(voice.dataset.on));
    });
  }
  ask();
}
