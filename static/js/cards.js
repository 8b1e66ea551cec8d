// Says that the file of a class is being made, and when it is there. Without scripts the button just downloads it.
const form = document.querySelector("[data-cards]");
const state = form?.querySelector("[data-state]");
const button = form?.querySelector("button");

function save(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function make() {
  const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  const answer = await fetch(address);
  if (!answer.ok || answer.headers.get("Content-Type") !== "application/pdf") {
    location.assign(address); // the portal's own page says what to correct, or asks to sign in
    return;
  }
  save(await answer.blob(), answer.headers.get("Content-Disposition").match(/filename="(.+)"/)[1]);
  state.textContent = state.dataset.made;
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (button.getAttribute("aria-disabled") === "true") return;
  state.textContent = state.dataset.making;
  button.setAttribute("aria-disabled", "true");
  try {
    await make();
  } catch {
    state.textContent = state.dataset.failed;
  }
  button.removeAttribute("aria-disabled");
});
