// Who somebody is, at a glance: coloured initials that are the same everywhere.

import { element } from "./element.js";
import { icon } from "./icons.js";

const COLOURS = 7;

/** The avatar of a person or a bot; it says nothing by itself, since the name stands beside it. */
export function avatar(person) {
  const isApp = Boolean(person?.is_bot);
  const looks = isApp ? "avatar-app" : `avatar-${(person?.place ?? 0) % COLOURS}`;
  return element("span", { class: `avatar ${looks}`, "aria-hidden": "true" }, isApp ? icon("light") : initials(person));
}

function initials(person) {
  const words = (person?.name ?? "?").trim().split(/\s+/u);
  return words
    .slice(0, 2)
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();
}
