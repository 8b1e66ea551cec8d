// Counts the marks while they are chosen and says them in the Save button. The form works without it.
const form = document.querySelector("[data-register]");

function recount() {
  const counts = new Map();
  for (const chosen of form.querySelectorAll("input[type=radio]:checked")) {
    counts.set(chosen.value, (counts.get(chosen.value) ?? 0) + 1);
  }
  const parts = [];
  for (const place of form.querySelectorAll("[data-count]")) {
    const number = counts.get(place.dataset.count) ?? 0;
    place.textContent = number;
    if (number) parts.push(`${number} ${place.dataset.count[0].toUpperCase()}`);
  }
  form.querySelector("[data-summary]").textContent = parts.length ? `: ${parts.join(", ")}` : "";
}

if (form) {
  form.addEventListener("change", recount);
  recount();
}
