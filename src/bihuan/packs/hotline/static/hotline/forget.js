// A device that others use: what a citizen wrote here goes, sent or not, with the drafts and pages kept; the server forgets
// which cases were opened.
"use strict";

const forgetting = {
  async all() {
    for (const { id } of await outbox.of(0)) await outbox.remove(id);
    for (const name of Object.keys(sessionStorage)) if (name.startsWith("draft:")) sessionStorage.removeItem(name);
    await window.caches?.delete("kept:0");
  },
  async submit(event) {
    event.preventDefault();
    await forgetting.all().catch(() => {});
    event.target.submit();
  },
};
document.querySelectorAll("form[data-forget]").forEach((form) => form.addEventListener("submit", forgetting.submit));
