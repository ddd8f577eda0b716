// The seat's keys, its stopwatch, its telephone, and what is said when the connection or the session is gone.
"use strict";
{
  const form = document.getElementById("seat");
  const watch = document.getElementById("watch");
  const SINCE = "seat:since";

  // From the call's arrival or the first key until the order is taken.
  const begun = () => Number(sessionStorage.getItem(SINCE) || 0);
  function begin(at) {
    if (!begun()) sessionStorage.setItem(SINCE, String(at));
  }
  function tick() {
    const seconds = begun() ? Math.max(0, Math.floor((Date.now() - begun()) / 1000)) : 0;
    watch.textContent = Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
    watch.classList.toggle("running", seconds > 0);
  }
  if (!form) sessionStorage.removeItem(SINCE);
  if (watch) {
    tick();
    setInterval(tick, 1000);
  }

  // One key opens what the page offers.
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.("input, textarea, select, dialog[open]")) return;
    const wanted = event.key.length === 1 && document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (wanted) {
      event.preventDefault();
      event.stopImmediatePropagation();
      wanted.click();
    }
  }, true);

  if (form) {
    const suggestion = document.getElementById("suggestion");
    const field = (name) => document.getElementById("field-" + name);
    const outcome = () => form.elements.outcome.value;
    function choose(value) {
      form.elements.outcome.value = value;
      form.dispatchEvent(new Event("input", { bubbles: true }));
    }
    function settle(value, name) {
      choose(outcome() === value ? "dispatch" : value);
      field(outcome() === "dispatch" ? "text" : name).focus();
    }
    function use(place) {
      const button = suggestion.querySelector(`[data-answer="${place}"]`);
      if (!button) return;
      if (outcome() === "dispatch") choose("answer");
      field("answer").value = button.parentElement.querySelector("p").textContent;
      form.dispatchEvent(new Event("input", { bubbles: true }));
      field("answer").focus();
    }
    const keys = {
      F2: () => field("phone").focus(),
      F4: () => field("text").focus(),
      F8: () => settle("answer", "answer"),
      F9: () => settle("decline", "reason"),
    };
    addEventListener("keydown", (event) => {
      const place = event.altKey && /^Digit[1-5]$/.test(event.code) && event.code.slice(5);
      if (place || keys[event.key]) {
        event.preventDefault();
        if (place) use(place);
        else keys[event.key]();
      } else if (event.key === "Enter" && event.target.tagName === "SELECT" && !event.ctrlKey) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    suggestion.addEventListener("click", (event) => {
      const button = event.target.closest("[data-answer]");
      if (button) use(button.dataset.answer);
    });
    form.addEventListener("input", () => begin(Date.now()));

    // Words stay in the page when nobody can take them (drafts.js); here it is said.
    const trouble = document.getElementById("trouble");
    function tell(what) {
      trouble.hidden = !what;
      for (const one of trouble.children) one.hidden = one.dataset.trouble !== what;
    }
    addEventListener("online", () => tell(""));
    document.body.addEventListener("htmx:sendError", () => tell("offline"));
    document.body.addEventListener("htmx:responseError", (event) => {
      if (event.detail.xhr.status === 401) tell("ended");
    });
    document.body.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.successful) tell("");
    });

    // A draft that came back is thought about at once.
    if (field("text").value || field("phone").value) addEventListener("load", () => htmx.trigger(suggestion, "ask"));
  }

  // The telephone is asked every two seconds while somebody is at the desk. A call that rings while nothing is written
  // opens its screen; while something is, it is only announced.
  const POLL_MS = 2000;
  const ringing = document.getElementById("ringing");
  const title = document.title;
  const known = new Set();
  const mine = () => (form ? form.elements.call.value : "");
  const untouched = () => form && !mine() && [...form.elements].every((f) => f.type === "hidden" || !f.name || f.type === "radio" || f.type === "checkbox" || f.value === "");
  function open(call) {
    form.elements.call.value = call.dataset.call;
    document.getElementById("field-phone").value = call.dataset.phone;
    sessionStorage.setItem(SINCE, call.dataset.at);
    form.dispatchEvent(new Event("input", { bubbles: true }));
    document.getElementById("field-text").focus();
  }
  function rung() {
    const calls = [...ringing.querySelectorAll("[data-call]")];
    if (calls.length && untouched()) open(calls[0]);
    for (const call of calls) {
      call.classList.toggle("here", call.dataset.call === mine());
      if (known.has(call.dataset.call)) continue;
      known.add(call.dataset.call);
      const said = document.getElementById("announced");
      said.textContent = said.dataset.words + " " + call.querySelector("[data-who]").textContent;
    }
    document.title = (calls.some((call) => call.dataset.call !== mine()) ? "☎ " : "") + title;
  }
  if (ringing) {
    ringing.addEventListener("htmx:afterSettle", rung);
    addEventListener("load", rung);
    setInterval(() => {
      if (Date.now() - touched < IDLE_MS) htmx.trigger(ringing, "poll");
    }, POLL_MS);
  }
}
