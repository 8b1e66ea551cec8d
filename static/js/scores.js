// Makes mark entry quicker: how each score is read while it is typed, keys, a pasted column. The form works without it.
const form = document.querySelector("[data-scores]");
const NUMBER = /^([0-9]{1,5})(?:[.,]([0-9]{1,9}))?$/;
const STATES = { m: "missing", ex: "exempt" };
const FEWEST = 5; // graded scores that a median can be judged by, as assessments.entry has it
const HALF = 500n; // tenths of a percent

const rows = () => [...form.querySelectorAll("[data-row]")];
const inputIn = (row) => row.querySelector("[data-score]");
const words = form?.querySelector("[data-words]").dataset;
const decimal = new Intl.NumberFormat(document.documentElement.lang, {
  minimumFractionDigits: 1, maximumFractionDigits: 1, useGrouping: false });
const plain = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2, useGrouping: false });
const say = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
const inPercent = (tenths) => `${decimal.format(Number(tenths) / 10)}\u00a0%`;

// Exact: a number as typed, in whole numbers, never rounded.
function exactly(text) {
  const [, whole, part = ""] = text.match(NUMBER);
  return { number: BigInt(whole + part), scale: 10n ** BigInt(part.length) };
}

function mostPoints() {
  const { number, scale } = exactly(form.dataset.most);
  return (number * 100n) / scale;
}

const most = form ? mostPoints() : 0n;

function read(typed) {
  const text = typed.trim();
  if (!text) return { state: "blank" };
  if (STATES[text.toLowerCase()]) return { state: STATES[text.toLowerCase()] };
  const isPercentage = text.endsWith("%");
  const number = isPercentage ? text.slice(0, -1).trimEnd() : text;
  if (!NUMBER.test(number)) return { state: "wrong", why: words.noNumber };
  const { number: digits, scale } = exactly(number);
  const top = isPercentage ? digits * most : digits * 100n;
  const under = isPercentage ? scale * 100n : scale;
  if (top % under) return { state: "wrong", why: words.noNumber };
  const points = top / under;
  if (points > most && !("extra" in form.dataset)) return { state: "wrong", why: words.above };
  return { state: "graded", points, tenths: (points * 1000n) / most };
}

function medianOf(sorted) {
  if (!sorted.length) return null;
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2n;
}

function inWords(reading, median, known) {
  if (reading.state === "missing" || reading.state === "exempt") return words[reading.state];
  if (reading.state === "wrong") return reading.why;
  if (reading.state === "blank") return "";
  const percent = inPercent(reading.tenths);
  const apart = median === null ? 0n : reading.tenths > median ? reading.tenths - median : median - reading.tenths;
  if (known >= FEWEST && apart >= HALF) return say(words.slip, { median: inPercent(median), percent });
  return say(words.graded, { points: plain.format(Number(reading.points) / 100), percent });
}

function reread() {
  const readings = rows().map((row) => read(inputIn(row).value));
  const sorted = readings.filter(({ state }) => state === "graded").map(({ tenths }) => tenths)
    .sort((one, other) => (one < other ? -1 : Number(one > other)));
  const median = medianOf(sorted);
  const counts = { graded: 0, missing: 0, exempt: 0, blank: 0, wrong: 0 };
  for (const { state } of readings) counts[state] += 1;
  const show = (name, tenths) => {
    form.querySelector(`[data-${name}]`).textContent = tenths === null ? "–" : inPercent(tenths);
  };
  show("median", median);
  show("lowest", sorted.at(0) ?? null);
  show("highest", sorted.at(-1) ?? null);
  counts.blank += counts.wrong;
  form.querySelector("[data-counts]").textContent = `${["graded", "missing", "exempt", "blank"]
    .filter((state) => counts[state])
    .map((state) => say(words[`count${state[0].toUpperCase()}${state.slice(1)}`], { number: counts[state] }))
    .join(", ")}.`;
  rows().forEach((row, place) => showReading(row, readings[place], inWords(readings[place], median, sorted.length)));
}

// What the server said of a line stays until its input is changed.
function showReading(row, reading, sentence) {
  const input = inputIn(row);
  if (row.dataset.said === input.value) return;
  delete row.dataset.said;
  const odd = reading.state === "graded" && !sentence.includes("=");
  row.classList.toggle("scores__row--wrong", reading.state === "wrong");
  row.classList.toggle("scores__row--odd", odd);
  input.toggleAttribute("aria-invalid", reading.state === "wrong");
  const place = row.querySelector("[data-read]");
  place.classList.toggle("wrong", reading.state === "wrong" || odd);
  place.textContent = sentence;
}

function step(row, by) {
  const all = rows();
  const next = all[all.indexOf(row) + by];
  if (next) {
    inputIn(next).focus();
    inputIn(next).select();
  } else if (by > 0) {
    form.querySelector("[data-save]").focus();
  }
}

function openNote(row) {
  row.querySelector("details").open = true;
  row.querySelector("details input").focus();
}

function onKey(event) {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-save]"));
    return;
  }
  const row = event.target.closest?.("[data-row]");
  if (!row || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const isScore = event.target.matches("[data-score]");
  const atEnd = event.target.selectionStart === event.target.value?.length;
  if (event.target.matches("summary")) return;
  if (event.key === "Enter") step(row, event.shiftKey ? -1 : 1);
  else if (isScore && event.key === "ArrowDown") step(row, 1);
  else if (isScore && event.key === "ArrowUp") step(row, -1);
  else if (isScore && event.key === "ArrowRight" && atEnd) openNote(row);
  else if (!isScore && event.key === "Escape") inputIn(row).focus();
  else return;
  event.preventDefault();
}

// A column copied from a spreadsheet: a cell a line, from this input down. A blank cell leaves its line as it is.
function onPaste(event) {
  const row = event.target.matches("[data-score]") && event.target.closest("[data-row]");
  const cells = event.clipboardData.getData("text").replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
  if (!row || cells.length < 2) return;
  event.preventDefault();
  const below = rows().slice(rows().indexOf(row));
  cells.slice(0, below.length).forEach((cell, place) => {
    const text = cell.trim();
    if (text) inputIn(below[place]).value = text;
  });
  if (cells.length > below.length) {
    const last = inputIn(below.at(-1));
    last.value = [last.value, ...cells.slice(below.length)].join(" ").trim(); // flagged, so that no cell is lost unseen
  }
  reread();
  inputIn(below[Math.min(cells.length, below.length) - 1]).focus();
}

function fillBlanks(event) {
  const filling = form.querySelector("#filling");
  event.preventDefault();
  if (!filling.value.trim()) {
    filling.focus();
    return;
  }
  for (const row of rows()) {
    const input = inputIn(row);
    input.value ||= filling.value.trim();
  }
  reread();
}

const isChanged = () => [...form.querySelectorAll("[data-row] input:not([type=hidden])")].some(
  (input) => input.value !== input.defaultValue);

if (form) {
  for (const row of rows()) {
    if (row.matches(".scores__row--wrong, .scores__row--odd")) row.dataset.said = inputIn(row).value;
    row.querySelector("summary").tabIndex = -1; // Tab goes down the column; → opens the note
    row.querySelector("details input").tabIndex = -1;
  }
  form.querySelector("[data-check]").hidden = true; // each line says at once how it is read
  form.addEventListener("input", reread);
  form.addEventListener("paste", onPaste);
  form.querySelector("[data-fill]").addEventListener("click", fillBlanks);
  form.querySelector("#filling").addEventListener("keydown", (event) => {
    if (event.key === "Enter") fillBlanks(event);
  });
  document.addEventListener("keydown", onKey);
  let sending = false;
  form.addEventListener("submit", () => { sending = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!sending && isChanged()) event.preventDefault();
  });
  reread();
  const first = form.querySelector(".scores__row--wrong [data-score]") ?? form.querySelector("[data-score]");
  first.focus();
}
