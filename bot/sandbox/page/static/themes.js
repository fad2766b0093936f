// The choice of light, dark, or what the system says.

import { element } from "./element.js";

const THEMES = [
  ["system", "System"],
  ["light", "Light"],
  ["dark", "Dark"],
];

/** A native select. The script in the head reads the choice before the next page is painted. */
export function themeSwitch() {
  const choice = element("select", { class: "theme-choice" });
  choice.append(...THEMES.map(([value, label]) => element("option", { value }, label)));
  choice.value = document.documentElement.dataset.theme ?? "system";
  choice.addEventListener("change", () => choose(choice.value));
  return element("label", { class: "theme" }, "Colours", choice);
}

function choose(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // It holds until the page is left.
  }
}
