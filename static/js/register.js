// Makes a register quicker: counts while marks are chosen, keys, a name to be found. The form works without it.
const form = document.querySelector("[data-register]");
const LETTERS = { p: "present", l: "late", e: "excused", a: "absent" };
const SWITCH = "sptrack-register-keys";

const rows = () => [...form.querySelectorAll("[data-row]")];
const rowOf = (element) => element.closest?.("[data-row]") ?? null;
const chosenIn = (row) => row.querySelector("input[type=radio]:checked");
const isText = (element) => element.matches?.("input:not([type=radio], [type=checkbox], [type=hidden]), textarea");

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

function focusRow(row) {
  const radio = chosenIn(row) ?? row.querySelector("input[type=radio]");
  radio.focus({ preventScroll: true });
  row.scrollIntoView({ block: "center" });
}

function step(row, by) {
  const all = rows();
  const next = all[all.indexOf(row) + by];
  if (next) focusRow(next);
  else if (by > 0) form.querySelector("[data-save]").focus();
}

function mark(row, status) {
  row.querySelector(`input[type=radio][value=${status}]`).checked = true;
  delete row.dataset.free;
  recount();
  step(row, 1);
}

function isChanged() {
  return [...form.querySelectorAll("[data-row] input")].some((input) =>
    input.type === "radio" || input.type === "checkbox"
      ? input.checked !== input.defaultChecked
      : input.value !== input.defaultValue);
}

function openFold(row) {
  row.querySelector("details").open = true;
  row.querySelector("details input").focus();
}

// Tab is one stop a student: what is in the fold is reached by N, and by Tab while the focus is in it.
function setFoldStops(row, inside) {
  for (const stop of row.querySelectorAll("summary, details input")) stop.tabIndex = inside ? 0 : -1;
}

// Rows that hold a stored mark, a planned absence or a choice made here are not free: neither button touches them.
function fillFreeRows(event, present) {
  event.preventDefault();
  for (const row of rows()) {
    if ("free" in row.dataset) row.querySelector("input[value=present]").checked = present;
  }
  form.querySelector("[data-rest]").hidden = present;
  form.querySelector("[data-blank]").hidden = !present;
  recount();
}

function find(text) {
  const wanted = text.trim().toLocaleLowerCase();
  let found = null;
  for (const row of rows()) {
    const name = row.querySelector(".register__name").textContent.toLocaleLowerCase();
    const matches = wanted !== "" && name.includes(wanted);
    row.classList.toggle("register__row--found", matches);
    if (matches) found ??= row;
  }
  found?.scrollIntoView({ block: "center" });
  return found;
}

function onKey(event) {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-save]"));
    return;
  }
  const help = document.querySelector("[data-help]");
  if (event.ctrlKey || event.metaKey || event.altKey || help.open || !help.querySelector("[data-keys]").checked) return;
  if (isText(event.target)) return;
  if (event.key === "?") {
    event.preventDefault();
    help.showModal();
  } else if (event.key === "/") {
    event.preventDefault();
    form.querySelector("#find").focus();
  } else {
    onRowKey(event, rowOf(event.target));
  }
}

function onRowKey(event, row) {
  if (!row) {
    if (event.key === "ArrowDown" && event.target === document.body) {
      event.preventDefault();
      focusRow(rows()[0]);
    }
    return;
  }
  const status = LETTERS[event.key.toLowerCase()];
  if (status && !event.repeat) mark(row, status);
  else if (event.key === "ArrowDown") step(row, 1);
  else if (event.key === "ArrowUp") step(row, -1);
  else if (event.key.toLowerCase() === "n") openFold(row);
  else return;
  event.preventDefault();
}

function onFindKey(event) {
  if (event.key !== "Enter" && event.key !== "Escape") return;
  event.preventDefault();
  const found = event.key === "Enter" ? find(event.target.value) : null;
  event.target.value = "";
  find("");
  focusRow(found ?? rows()[0]);
}

function setUpHelp() {
  const help = document.querySelector("[data-help]");
  const keys = help.querySelector("[data-keys]");
  keys.checked = localStorage.getItem(SWITCH) !== "off";
  keys.addEventListener("change", () => localStorage.setItem(SWITCH, keys.checked ? "on" : "off"));
  const open = form.querySelector("[data-help-open]");
  open.hidden = false;
  open.addEventListener("click", () => help.showModal());
}

function setUpFind() {
  const box = form.querySelector("[data-find]");
  box.hidden = false;
  box.addEventListener("input", (event) => find(event.target.value));
  box.addEventListener("keydown", onFindKey);
}

if (form) {
  form.addEventListener("change", (event) => {
    delete rowOf(event.target)?.dataset.free;
    recount();
  });
  for (const row of rows()) {
    setFoldStops(row, false);
    const fold = row.querySelector("details");
    fold.addEventListener("focusin", () => setFoldStops(row, true));
    fold.addEventListener("focusout", () => setFoldStops(row, false));
  }
  form.querySelector("[data-rest]").addEventListener("click", (event) => fillFreeRows(event, true));
  form.querySelector("[data-blank]").addEventListener("click", (event) => fillFreeRows(event, false));
  let sending = false;
  form.addEventListener("submit", () => { sending = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!sending && isChanged()) event.preventDefault();
  });
  document.addEventListener("keydown", onKey);
  setUpHelp();
  setUpFind();
  recount();
}
