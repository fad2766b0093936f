// Keeps the keyboard where it was while something is rendered anew.

const FOCUSABLE = "button, a[href], input, select, textarea, summary, [tabindex]";

/** Runs `change` on what is below `root`; whoever had the focus there has it again, or else `otherwise()` has. */
export function keepFocus(root, otherwise, change) {
  const held = document.activeElement;
  if (!held || held === root || !root.contains(held)) {
    change();
    return;
  }
  const mark = markOf(held);
  const caret = caretOf(held);
  change();
  const again = [...root.querySelectorAll(FOCUSABLE)].find((each) => markOf(each) === mark) ?? otherwise();
  again?.focus({ preventScroll: true });
  if (caret && again?.tagName === held.tagName) again.setSelectionRange(...caret);
}

/** What makes an element the same one after it was made anew: its action, its kind, and how it is called. */
function markOf(target) {
  const action = target.closest("[data-action-id]")?.dataset.actionId;
  const block = target.closest("[data-block-id]")?.dataset.blockId;
  const name = target.getAttribute("aria-label") ?? (target.tagName === "BUTTON" ? target.textContent.trim() : "");
  return JSON.stringify([target.tagName, target.type, block, action, name]);
}

function caretOf(target) {
  try {
    return typeof target.selectionStart === "number" ? [target.selectionStart, target.selectionEnd] : null;
  } catch {
    return null;
  }
}
