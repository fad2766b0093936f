// A row of tabs: one is chosen, the arrow keys go from one to the next.

import { write } from "./dom.js";
import { element } from "./element.js";

export class Tabs {
  #tabs;
  #chosen;
  #buttons = new Map();

  /** `tabs` is [{id, label, panel}]; `chosen(id)` hears of every choice that a person makes. */
  constructor({ label, tabs, chosen = () => {} }) {
    this.#tabs = tabs;
    this.#chosen = chosen;
    this.node = element("div", { class: "tabs", role: "tablist", "aria-label": label });
    for (const tab of tabs) this.#add(tab);
    this.node.addEventListener("keydown", (event) => this.#pressed(event));
    this.choose(tabs[0].id);
  }

  /** Shows this one's panel and hides the others'. */
  choose(id) {
    for (const tab of this.#tabs) {
      const isChosen = tab.id === id;
      const button = this.#buttons.get(tab.id);
      button.setAttribute("aria-selected", String(isChosen));
      button.tabIndex = isChosen ? 0 : -1;
      tab.panel.hidden = !isChosen;
    }
  }

  /** Another label, such as one with a number in it. */
  name(id, label) {
    write(this.#buttons.get(id), label);
  }

  /** Takes a tab away, or gives it back. */
  offer(id, isOffered) {
    this.#buttons.get(id).hidden = !isOffered;
  }

  #add({ id, label, panel }) {
    const button = element("button", { type: "button", class: "tab", role: "tab", id: `tab-${id}` }, label);
    button.addEventListener("click", () => this.#choose(id));
    button.setAttribute("aria-controls", (panel.id ||= `panel-${id}`));
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", button.id);
    this.#buttons.set(id, button);
    this.node.append(button);
  }

  #choose(id) {
    this.choose(id);
    this.#chosen(id);
  }

  #pressed(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const offered = this.#tabs.filter(({ id }) => !this.#buttons.get(id).hidden);
    const now = offered.findIndex(({ id }) => this.#buttons.get(id).tabIndex === 0);
    const { id } = offered[(now + step + offered.length) % offered.length];
    this.#choose(id);
    this.#buttons.get(id).focus();
  }
}
