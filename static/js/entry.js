// The journal entry: live totals and a form that never needs the mouse.
//
// table[data-entry data-decimals data-locale-decimal] > tr[data-line] with inputs [data-account],
// [data-debit], [data-credit]; template[data-empty-line]; totals in [data-total-debit],
// [data-total-credit], [data-difference]. Amounts are whole minor units in a BigInt, never floats.

const sheet = document.querySelector("[data-entry]");
const form = sheet.closest("form");
const decimals = Number(sheet.dataset.decimals ?? 2);
const point = sheet.dataset.localeDecimal ?? ".";
const comma = point === "." ? "," : ".";
const scale = 10n ** BigInt(decimals);
const cells = "input:not([type=hidden]):not([disabled]), select, textarea";

const part = (name, within = form) => within.querySelector(`[data-${name}]`);
const lines = () => [...sheet.querySelectorAll("[data-line]")];
const lineOf = (element) => element.closest("[data-line]");

// --- Amounts -------------------------------------------------------------------------------

/** The minor units of an amount as people type it; null where it is none. */
export function minorUnits(text) {
  const typed = text
    .trim()
    .replace(/[\s'’\u00a0\u202f]/g, "")
    .replace("−", "-");
  if (!typed) return 0n;
  const read = /^(-?)([\d.,]*)$/.exec(typed);
  if (!read) return null;
  const [whole, fraction = "", ...more] = read[2].split(point);
  if (more.length || !/^\d*$/.test(fraction) || !isGrouped(whole) || !(whole + fraction)) return null;
  if (fraction.slice(decimals).replace(/0+$/, "")) return null;
  const minor =
    BigInt(whole.replaceAll(comma, "") || "0") * scale +
    BigInt(fraction.slice(0, decimals).padEnd(decimals, "0") || "0");
  return read[1] ? -minor : minor;
}

// As strict as the server: what one reader takes for thousands another takes for cents.
function isGrouped(whole) {
  const [first, ...groups] = whole.split(comma);
  if (!groups.length) return /^\d*$/.test(first);
  return /^\d{1,3}$/.test(first) && groups.every((group) => /^\d{3}$/.test(group));
}

/** The amount as it is written here: grouped, with a true minus. */
export function written(minor) {
  const digits = String(minor < 0n ? -minor : minor).padStart(decimals + 1, "0");
  const cut = digits.length - decimals;
  const whole = digits.slice(0, cut).replace(/\B(?=(\d{3})+$)/g, comma);
  return (minor < 0n ? "−" : "") + whole + (decimals ? point + digits.slice(cut) : "");
}

const sumOf = (name) =>
  lines()
    .filter((line) => !line.hidden)
    .reduce((sum, line) => sum + (minorUnits(part(name, line)?.value ?? "") ?? 0n), 0n);

function recount() {
  const debit = sumOf("debit");
  const credit = sumOf("credit");
  show("total-debit", written(debit));
  show("total-credit", written(credit));
  show("difference", written(debit - credit));
  part("difference")?.classList.toggle("even", debit === credit);
  for (const cell of sheet.querySelectorAll("[data-debit], [data-credit]")) {
    cell.setAttribute("aria-invalid", minorUnits(cell.value) === null);
  }
}

function show(name, text) {
  const place = part(name);
  if (place && place.textContent !== text) place.textContent = text;
}

// Alt and = put what is missing into the amount the cursor is in.
function balance(cell) {
  const isDebit = cell.matches("[data-debit]");
  cell.value = "";
  const missing = isDebit ? sumOf("credit") - sumOf("debit") : sumOf("debit") - sumOf("credit");
  // Written without grouping, as somebody would type it.
  cell.value = missing === 0n ? "" : written(missing).replaceAll(comma, "").replace("−", "-");
  cell.dispatchEvent(new Event("input", { bubbles: true }));
}

// --- Lines ---------------------------------------------------------------------------------

function addLine() {
  const total = form.querySelector("[name$=TOTAL_FORMS]");
  const number = total?.value ?? String(lines().length);
  const made = document.createElement("tbody");
  const empty = document.querySelector("template[data-empty-line]");
  made.append(empty.content.cloneNode(true));
  made.innerHTML = made.innerHTML.replaceAll("__prefix__", number);
  const line = made.querySelector("[data-line]");
  lines().at(-1)?.after(line) ?? sheet.tBodies[0].append(line);
  if (total) total.value = String(Number(number) + 1);
  return line;
}

function removeLine(line) {
  const left = lines().filter((other) => !other.hidden && other !== line);
  if (!left.length) return;
  const marked = line.querySelector("[name$=-DELETE]");
  if (marked) {
    // The server takes it out; meanwhile it is neither seen nor counted.
    marked.checked = true;
    line.hidden = true;
  } else line.remove();
  part("account", left[0])?.focus();
  recount();
}

const isEmpty = (line) =>
  [...line.querySelectorAll("[data-account], [data-debit], [data-credit]")].every((c) => !c.value);

function nextCell(cell) {
  // What is folded away is no field to go on to.
  const own = [...lineOf(cell).querySelectorAll(cells)].filter((c) => c.checkVisibility());
  const next = own[own.indexOf(cell) + 1];
  if (next) return focusOn(next);
  const shown = lines().filter((line) => !line.hidden);
  const below = shown[shown.indexOf(lineOf(cell)) + 1] ?? addLine();
  focusOn(below.querySelector(cells));
}

function focusOn(cell) {
  cell.focus();
  cell.select?.();
}

// --- Keys ----------------------------------------------------------------------------------

form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-post]") ?? undefined);
    return;
  }
  const line = event.target.closest("[data-line]");
  if (!line) return;
  if (event.key === "Enter" && event.target.matches(cells)) nextCell(event.target);
  else if (
    event.key === "=" &&
    event.altKey &&
    event.target.matches("[data-debit], [data-credit]")
  )
    balance(event.target);
  else if (event.key === "Backspace" && event.ctrlKey) removeLine(line);
  else return;
  event.preventDefault();
});

sheet.addEventListener("input", (event) => {
  const line = lineOf(event.target);
  const { target } = event;
  if (target.matches("[data-debit]") && target.value && part("credit", line)) {
    part("credit", line).value = "";
  }
  if (target.matches("[data-credit]") && target.value && part("debit", line)) {
    part("debit", line).value = "";
  }
  // There is always an empty line to go on to.
  if (line === lines().at(-1) && !isEmpty(line)) addLine();
  recount();
});

sheet.addEventListener("click", (event) => {
  const button = event.target.closest("[data-remove-line]");
  if (button) {
    event.preventDefault();
    removeLine(lineOf(button));
  }
});

recount();
