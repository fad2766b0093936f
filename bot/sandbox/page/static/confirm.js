// The dialog that asks once more before a click counts.

import { element, newId } from "./element.js";
import { renderText, renderWords } from "./mrkdwn.js";

/**
 * Asks, and tells whether the answer was yes; Esc and a click beside the dialog are no.
 *
 * All words may be text objects or mere strings; `context` names whom the text mentions.
 */
export function confirmDialog({ title, text, confirm, deny, style }, context = {}) {
  const [head, body] = [newId("confirm-title"), newId("confirm-text")];
  const isDanger = style === "danger";
  const button = (words, value, kind) =>
    element("button", { type: "button", class: `button ${kind}`, value, onclick: () => dialog.close(value) }, words);
  const no = button(renderWords(deny ?? "Cancel"), "no", "");
  const yes = button(renderWords(confirm ?? "Yes"), "yes", isDanger ? "is-danger" : "is-primary");
  const dialog = element(
    "dialog",
    { class: "confirm", role: "alertdialog", "aria-labelledby": head, "aria-describedby": body },
    element("h2", { id: head, class: "confirm-title", dir: "auto" }, renderText(title ?? "Are you sure?", context)),
    element("div", { id: body, class: "confirm-text mrkdwn", dir: "auto" }, renderText(text ?? "", context)),
    element("div", { class: "confirm-buttons" }, no, yes),
  );
  return answered(dialog, isDanger ? no : yes);
}

function answered(dialog, first) {
  closeBeside(dialog);
  document.body.append(dialog);
  dialog.showModal();
  first.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

/** A click that both begins and ends beside the dialog is no, unless it is the second half of a double click. */
function closeBeside(dialog) {
  let isBegun = false;
  dialog.addEventListener("pointerdown", (event) => {
    isBegun = isBeside(event, dialog);
  });
  dialog.addEventListener("click", (event) => {
    if (isBegun && event.detail === 1 && isBeside(event, dialog)) dialog.close("no");
  });
}

function isBeside({ clientX, clientY }, dialog) {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
