// A table of numbers shows what they come to while they are typed; without this it is shown when the form comes back.
document.querySelectorAll("[data-sum]").forEach((table) => {
  const shown = table.querySelector("output");
  const whole = Number(table.querySelector("tfoot .hint").textContent.replace(/\D/g, ""));
  table.addEventListener("input", () => {
    const total = [...table.querySelectorAll("input")].reduce((sum, one) => sum + (Number(one.value) || 0), 0);
    shown.textContent = total;
    shown.classList.toggle("wrong", total !== whole);
  });
});
