// Dictation into a text, where the browser can. Forms work without this file.
"use strict";

{
  // What is said is written behind what stands there.
  const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;
  for (const place of document.querySelectorAll("[data-voice]")) {
    const box = document.getElementById(place.dataset.voice);
    const button = place.querySelector("button");
    const said = place.querySelector("[role=status]");
    if (!Recognition || !box || !button) continue;
    place.hidden = false;
    let hearing = null;
    button.addEventListener("click", () => {
      if (hearing) return hearing.stop();
      hearing = new Recognition();
      hearing.lang = document.documentElement.lang === "en" ? "en" : "zh-CN";
      hearing.continuous = true;
      hearing.onresult = (event) => {
        for (const result of [...event.results].slice(event.resultIndex)) {
          if (result.isFinal) box.value = (box.value + result[0].transcript).slice(0, box.maxLength);
        }
      };
      hearing.onerror = () => { said.textContent = said.dataset.failed; };
      hearing.onend = () => {
        hearing = null;
        button.setAttribute("aria-pressed", "false");
        if (said.textContent === said.dataset.hearing) said.textContent = "";
      };
      said.textContent = said.dataset.hearing;
      button.setAttribute("aria-pressed", "true");
      hearing.start();
    });
  }
}
