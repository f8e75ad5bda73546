// The keys of the reconciliation screen. Each presses what is on the page, so that nothing
// works here that does not work without them.
const pressable = (key) => document.querySelector(`[data-press="${CSS.escape(key)}"]`);

const isWriting = (target) =>
  target.matches("input, textarea, select, button, summary") || target.isContentEditable;

document.addEventListener(
  "keydown",
  (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    // Enter on a link follows the link, unless it is the line that is chosen already.
    if (event.key === "Enter" && event.target.closest("a:not([aria-current])")) return;
    const found = pressable(event.key.toLowerCase());
    if (!found) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    found.click();
  },
  { capture: true },
);

// The chosen line stays in sight, and within reach of a screen reader.
document.querySelector(".reconcile .on")?.scrollIntoView({ block: "nearest" });
