// Convenience on top of pages that work without it. No inline code: only data attributes.

const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const locale = document.documentElement.dataset.locale.replaceAll("_", "-");

// --- What can be clicked: <button data-do="…"> ---------------------------------------------

const deeds = {
  palette: openPalette,
  keys: () => find("#keys").showModal(),
  close: (button) => button.closest("dialog").close(),
  theme: switchTheme,
  menu: toggleMenu,
  dismiss: (button) => button.closest(".note").remove(),
  clear: () => {
    all("[data-pick], [data-all]").forEach((box) => (box.checked = false));
    countPicked();
  },
  "add-row": addRow,
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  const deed = button && deeds[button.dataset.do];
  // A link opened in a new tab stays a link.
  if (deed && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    deed(button);
  }
  closeDrawers(event.target);
  closeOnBackdrop(event);
});

function switchTheme() {
  const root = document.documentElement;
  root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.bsTheme);
}

// Paper is light.
let theme = null;
addEventListener("beforeprint", () => {
  theme = document.documentElement.dataset.bsTheme;
  document.documentElement.dataset.bsTheme = "light";
});
addEventListener("afterprint", () => (document.documentElement.dataset.bsTheme = theme));

function toggleMenu(button) {
  const side = find("#side");
  const isOpen = side.classList.toggle("open");
  button.setAttribute("aria-expanded", isOpen);
  if (isOpen) find("a", side).focus();
}

function closeMenu() {
  const side = find("#side.open");
  if (!side) return;
  side.classList.remove("open");
  find(".burger").setAttribute("aria-expanded", "false");
  find(".burger").focus();
}

function closeDrawers(target) {
  all("details.menu[open]").forEach((menu) => {
    if (!menu.contains(target)) menu.open = false;
  });
  if (target.closest("#side .close")) closeMenu();
}

function closeOnBackdrop(event) {
  // The dialog has no padding, so a click on itself is one on what lies behind it.
  if (event.target.matches("dialog.pal")) event.target.close();
}

// --- The palette ---------------------------------------------------------------------------

function openPalette() {
  const palette = find("#palette");
  if (!palette || palette.open) return;
  const input = find("input", palette);
  palette.showModal();
  input.value = "";
  input.focus();
  input.dispatchEvent(new Event("opened"));
}

function moveInPalette(event) {
  const palette = find("#palette[open]");
  if (!palette) return;
  const links = all("#palette-list a");
  const at = links.indexOf(document.activeElement);
  const input = find("input", palette);
  if (event.key === "ArrowDown") (links[at + 1] ?? input).focus();
  else if (event.key === "ArrowUp") (at < 0 ? links.at(-1) : (links[at - 1] ?? input))?.focus();
  else if (event.key === "Enter" && at < 0 && links.length) links[0].click();
  else if (
    document.activeElement !== input &&
    event.key.length === 1 &&
    !event.ctrlKey &&
    !event.metaKey
  ) {
    // Typing on goes on in the search.
    input.focus();
    return;
  } else return;
  event.preventDefault();
}

// --- Keys ----------------------------------------------------------------------------------

let goPressedAt = 0;

const isTyping = (target) =>
  target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select") ||
  target.isContentEditable;

const keys = {
  "/": openPalette,
  "?": () => deeds.keys(),
  g: () => (goPressedAt = Date.now()),
  n: () => find("[data-add]")?.click(),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  x: pickRow,
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.key === "Escape") closeOpened(event);
  if (find("dialog[open]")) return moveInPalette(event);
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  pressed(event);
});

function pressed(event) {
  const key = event.key.toLowerCase();
  const goesTo = Date.now() - goPressedAt < 1500 && find(`[data-go="${CSS.escape(key)}"]`);
  goPressedAt = 0;
  if (goesTo) goesTo.click();
  else if (Object.hasOwn(keys, key)) keys[key]();
  else return;
  event.preventDefault();
}

function closeOpened(event) {
  const dialog = find("dialog[open]");
  if (dialog) {
    // A search field would only be emptied.
    event.preventDefault();
    dialog.close();
    return;
  }
  const menu = find("details.menu[open]");
  if (menu) {
    menu.open = false;
    find("summary", menu).focus();
  }
  closeMenu();
}

// --- Lists ---------------------------------------------------------------------------------

const rowLinks = () => all("[data-row] .first a");

function moveRow(step) {
  const links = rowLinks();
  if (!links.length) return;
  const row = document.activeElement.closest("[data-row]");
  const at = row ? links.indexOf(find(".first a", row)) : -1;
  const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1);
  links[next].focus();
}

function pickRow() {
  const row = document.activeElement.closest("[data-row]");
  const box = row && find("[data-pick]", row);
  if (!box) return;
  box.checked = !box.checked;
  countPicked();
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) {
    all("[data-pick]").forEach((box) => (box.checked = event.target.checked));
  }
  if (event.target.matches("[data-all], [data-pick]")) countPicked();
});

function countPicked() {
  const bar = find(".bulk");
  if (!bar) return;
  const picked = all("[data-pick]:checked");
  bar.hidden = picked.length === 0;
  find("[data-count]", bar).textContent = picked.length;
  find("[data-sum]", bar).textContent = sumOf(picked, Number(bar.dataset.decimals));
}

// Amounts are added as whole ten-thousandths; a float would lose cents.
function sumOf(picked, decimals) {
  const sum = picked.reduce((total, box) => total + tenThousandths(box.dataset.amount), 0n);
  const digits = String(sum < 0n ? -sum : sum).padStart(5, "0");
  const text = `${sum < 0n ? "-" : ""}${digits.slice(0, -4)}.${digits.slice(-4)}`;
  const form = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat(locale, form).format(text).replace("-", "−");
}

function tenThousandths(text) {
  const [whole, fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(4, "0").slice(0, 4));
}

// A list is swapped while somebody may still be typing, so its search box is preserved; where
// nobody is in it, it shows what the list was searched for.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "table") return;
  const search = find("#list-search");
  if (search && search !== document.activeElement) {
    search.value = new URLSearchParams(location.search).get("q") ?? "";
  }
  const status = find("#found");
  if (status) status.textContent = find("[data-found], #table .empty h2")?.textContent ?? "";
});

// --- Rows edited with their record ---------------------------------------------------------

function addRow(button) {
  const set = button.closest("[data-formset]");
  const total = find("[name$=TOTAL_FORMS]", set);
  const row = find("template[data-empty-row]", set).content.cloneNode(true);
  for (const part of row.querySelectorAll("*")) {
    for (const { name, value } of part.attributes) {
      if (value.includes("__prefix__")) {
        part.setAttribute(name, value.replaceAll("__prefix__", total.value));
      }
    }
  }
  find("[data-rows]", set).append(row);
  total.value = Number(total.value) + 1;
  find("[data-rows]", set).lastElementChild.querySelector("input, select, textarea").focus();
}
