// Says on the button how many students are ticked, and ticks them all. The form works without it.
const form = document.querySelector("[data-behavior]");

if (form) {
  const ticks = [...form.querySelectorAll("input[name^=student-]")];
  const everyone = form.querySelector("[data-everyone]");
  const count = () => {
    const number = ticks.filter((tick) => tick.checked).length;
    form.querySelector("[data-number]").textContent = number ? ` (${number})` : "";
  };
  form.addEventListener("change", count);
  window.addEventListener("pageshow", count); // a browser that goes back restores the ticks after this has run
  if (everyone) {
    everyone.hidden = false;
    everyone.addEventListener("click", () => {
      const all = ticks.every((tick) => tick.checked);
      for (const tick of ticks) tick.checked = !all;
      count();
    });
  }
  count();
}
