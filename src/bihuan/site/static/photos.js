// Photographs straight from the camera, several one after another, made smaller before they are sent. Without this file each
// photograph is sent by itself.
"use strict";

const LARGEST = 2000; // pixels of the longer side
const QUALITY = 0.85;

async function smaller(file) {
  if (file.type !== "image/jpeg") return file;
  const picture = await createImageBitmap(file).catch(() => null);
  const scale = picture && LARGEST / Math.max(picture.width, picture.height);
  if (!picture || scale >= 1) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  return blob ? new File([blob], file.name, { type: "image/jpeg" }) : file;
}

for (const form of document.querySelectorAll("[data-photos]")) {
  const camera = form.querySelector("[data-camera]");
  const chosen = form.querySelector("[data-chosen]");
  const said = form.querySelector("[data-said]");
  const kept = new DataTransfer();
  let taken = 0;

  const show = () => {
    chosen.files = kept.files;
    said.textContent = kept.files.length ? said.dataset.said.replace("N", kept.files.length) : "";
  };
  const add = async (input) => {
    for (const file of input.files) {
      const made = await smaller(file);
      taken += 1;
      // A camera gives every photograph the same name.
      const name = input === camera ? `${String(taken).padStart(2, "0")}-${made.name}` : made.name;
      kept.items.add(new File([made], name, { type: made.type }));
    }
    if (input === camera) input.value = "";
    show();
  };
  camera.addEventListener("change", () => add(camera));
  chosen.addEventListener("change", () => {
    const files = [...chosen.files];
    if (files.length && files.every((file, place) => file === kept.files[place])) return;
    add({ files });
  });
}
