// Both sides see the same page: what is typed is sent at once, a change of the other side is loaded. Left alone, the kiosk ends by itself.
"use strict";

{
  const visit = document.getElementById("visit");
  const EVERY_MS = 1000, WARN_S = 20;
  let version = Number(visit?.dataset.version), sending = false;

  async function send(form) {
    sending = true;
    try {
      const answer = await fetch(visit.dataset.type, { method: "POST", body: new FormData(form) });
      if (answer.ok) version = (await answer.json()).version;
    } catch { /* the next change tries again */ }
    sending = false;
  }

  // A kiosk has no keyboard: keys to touch below the fields `into`, writing into the one that was touched last.
  function keypad(pad) {
    const fields = pad.dataset.into.split(" ").map((id) => document.getElementById(id));
    let field = fields[0], later = 0;
    for (const one of fields) one.addEventListener("focus", () => { field = one; });
    for (const key of [...pad.dataset.keys, ""]) {
      const button = pad.appendChild(document.createElement("button"));
      button.type = "button";
      button.tabIndex = -1;
      button.value = key;
      button.textContent = key || pad.dataset.delete;
    }
    pad.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      field.value = button.value ? (field.value + button.value).slice(0, field.maxLength) : field.value.slice(0, -1);
      clearTimeout(later);
      later = setTimeout(() => field.dispatchEvent(new Event("change", { bubbles: true })), 300);
    });
    pad.hidden = false;
  }

  async function ask() {
    try {
      const answer = await fetch(visit.dataset.now, { cache: "no-store" });
      if (answer.redirected) return location.reload();
      if (answer.ok && !sending) {
        const told = await answer.json();
        if (told.version !== version && !sending) return location.reload();
      }
    } catch { /* no network: the page stays */ }
    setTimeout(ask, EVERY_MS);
  }

  if (visit) {
    const paper = visit.querySelector("[data-print-ticket]");
    if (paper) {
      paper.hidden = false;
      paper.addEventListener("click", () => print());
    }
    for (const pad of visit.querySelectorAll("[data-keys]")) keypad(pad);
    for (const form of visit.querySelectorAll("[data-typed]")) form.addEventListener("change", () => send(form));
    if (visit.dataset.now) setTimeout(ask, EVERY_MS);
    const whole = Number(visit.dataset.idle), note = visit.querySelector("[data-idle-note]");
    if (whole && note) {
      let left = whole;
      const stay = () => {
        left = whole;
        note.hidden = true;
      };
      for (const name of ["pointerdown", "keydown"]) addEventListener(name, stay);
      setInterval(() => {
        left -= 1;
        note.hidden = left > WARN_S;
        if (left <= 0) document.querySelector("#kiosk-end").requestSubmit();
      }, 1000);
    }
  }
}
