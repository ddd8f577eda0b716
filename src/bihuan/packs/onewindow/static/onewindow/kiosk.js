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
