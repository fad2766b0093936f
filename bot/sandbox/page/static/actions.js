// What a press does: the dialog if there is one, then waiting, then what went wrong.

import { confirmDialog } from "./confirm.js";
import { element } from "./element.js";
import { stateOf } from "./state.js";

const UNREACHED = "That did not reach the bot. Please try again.";

/**
 * Sends what was pressed or chosen, and tells whether it was taken.
 *
 * `control` shows that it waits; it stays focusable, so that the keyboard does not lose its place.
 */
export async function perform({ control, block, part, chosen, context }) {
  if (isBusy(control) || !(await isConfirmed(part, context))) return false;
  setBusy(control, true);
  tellTrouble(control, "");
  const answer = await answerOf(() => context.act(block, part, chosen, stateOf(surfaceOf(control))));
  setBusy(control, false);
  if (!answer.ok) tellTrouble(control, answer.error || UNREACHED);
  return answer.ok;
}

/** Whether what was pressed is still on its way. */
export function isBusy(control) {
  return control.getAttribute("aria-busy") === "true";
}

async function isConfirmed(part, context) {
  return !part.confirm || confirmDialog(part.confirm, context);
}

/** Where the inputs are whose state goes with a click: all blocks of the message or view. */
function surfaceOf(control) {
  return control.closest(".blocks") ?? control;
}

async function answerOf(send) {
  try {
    return (await send()) ?? { ok: true };
  } catch {
    return { ok: false };
  }
}

function setBusy(control, isNow) {
  control.setAttribute("aria-busy", String(isNow));
  if (isNow) control.setAttribute("aria-disabled", "true");
  else control.removeAttribute("aria-disabled");
}

/** Words beneath the block of what was pressed; no words take away those before. */
function tellTrouble(control, words) {
  const block = control.closest(".block") ?? control.parentElement;
  block?.querySelector(":scope > .trouble")?.remove();
  if (words) block?.append(element("p", { class: "trouble", role: "alert", dir: "auto" }, words));
}
