// Buttons, and the overflow menu that hides some more behind three dots.
// https://docs.slack.dev/reference/block-kit/block-elements/button-element

import { isBusy, perform } from "./actions.js";
import { element, link, lookUp, newId, safeUrl } from "./element.js";
import { renderText, renderWords } from "./mrkdwn.js";

const STYLES = { primary: "is-primary", danger: "is-danger" };

/** A button; one with a `url` also opens it. */
export function renderButton(part, block, context) {
  const href = part.url ? safeUrl(part.url) : null;
  const attributes = {
    class: `button ${lookUp(STYLES, part.style, "")}`.trim(),
    "data-action-id": part.action_id ?? "",
    "aria-label": part.accessibility_label,
    dir: "auto",
  };
  const words = element("span", {}, renderText(part.text, context));
  const pressed = (control) => perform({ control, block, part, context });
  if (href) return linkButton({ href, attributes, words, part, context, pressed });
  return element("button", { type: "button", ...attributes, onclick: (event) => pressed(event.currentTarget) }, words);
}

function linkButton({ href, attributes, words, part, context, pressed }) {
  if (!part.confirm) {
    const made = link(href, context, attributes, words);
    made.addEventListener("click", () => pressed(made));
    return made;
  }
  const open = context.openLink ?? ((url) => window.open(url, "_blank", "noopener,noreferrer"));
  const confirmed = async (event) => {
    if (await pressed(event.currentTarget)) open(href);
  };
  return element("button", { type: "button", ...attributes, onclick: confirmed }, words);
}

/** Three dots, and behind them the options. */
export function renderOverflow(part, block, context) {
  const id = newId("overflow");
  const rows = (part.options ?? []).map((option) => overflowRow(option, context));
  const list = element("div", { id, role: "menu", class: "menu-popup overflow-list", hidden: true }, ...rows);
  const button = element(
    "button",
    {
      type: "button",
      class: "button overflow-button",
      "aria-label": "More actions",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-controls": id,
      "data-action-id": part.action_id ?? "",
    },
    "⋯",
  );
  const node = element("div", { class: "overflow" }, button, list);
  const shown = showing({ node, button, list, rows });
  rows.forEach((row, place) => {
    row.addEventListener("click", () => {
      shown.hide();
      perform({ control: button, block, part, chosen: part.options[place], context });
    });
  });
  return node;
}

function overflowRow(option, context) {
  const attributes = { role: "menuitem", class: "menu-option", tabindex: "-1", dir: "auto" };
  const more = option.description
    ? element("span", { class: "choice-more" }, renderText(option.description, context))
    : null;
  const words = element("span", {}, renderText(option.text, context));
  const href = option.url ? safeUrl(option.url) : null;
  if (href) return link(href, context, attributes, words, more ?? "");
  return element("button", { type: "button", ...attributes }, words, more);
}

/** Opens and closes the list, and walks in it by the keyboard. */
function showing({ node, button, list, rows }) {
  const set = (isOpen) => {
    list.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
  };
  const show = (place) => {
    if (isBusy(button)) return;
    set(true);
    keepWithin(list, node);
    list.scrollIntoView({ block: "nearest" });
    rows.at(place)?.focus();
  };
  const hide = () => {
    set(false);
    button.focus();
  };
  button.addEventListener("click", () => (list.hidden ? show(0) : hide()));
  node.addEventListener("focusout", (event) => node.contains(event.relatedTarget) || set(false));
  node.addEventListener("keydown", (event) => walk(event, { list, rows, show, hide }));
  return { hide };
}

/** Moves the list to the left by what would stand out at the right. */
function keepWithin(list, node) {
  list.style.left = "0";
  const [{ left, right }, around] = [list, node.closest(".blocks") ?? node].map((each) => each.getBoundingClientRect());
  const out = Math.min(right - around.right, left - around.left);
  if (out > 0) list.style.left = `${-out}px`;
}

function walk(event, { list, rows, show, hide }) {
  const here = rows.indexOf(document.activeElement);
  const moves = {
    ArrowDown: (here + 1) % rows.length,
    ArrowUp: here <= 0 ? rows.length - 1 : here - 1,
    Home: 0,
    End: rows.length - 1,
  };
  if (event.key in moves && (here >= 0 || event.key.startsWith("Arrow"))) {
    event.preventDefault();
    show(moves[event.key]);
  } else if (event.key === "Escape" && !list.hidden) {
    event.preventDefault(); // a dialog around it stays open
    event.stopPropagation();
    hide();
  }
}
