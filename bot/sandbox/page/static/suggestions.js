// The list of completions above a message box: chosen by keyboard or pointer, while the focus stays in the box.

import { element } from "./element.js";

export class Suggestions {
  #box;
  #chosen;
  #options = [];
  #active = -1;
  #node;

  /** `chosen(line)` is called with the completion that was picked. */
  constructor({ id, box, chosen }) {
    this.#box = box;
    this.#chosen = chosen;
    this.#node = element("ul", {
      id,
      class: "suggestions",
      role: "listbox",
      "aria-label": "Suggestions",
      hidden: true,
    });
    for (const [name, value] of [
      ["haspopup", "listbox"],
      ["autocomplete", "list"],
      ["controls", id],
    ]) {
      box.setAttribute(`aria-${name}`, value);
    }
  }

  get node() {
    return this.#node;
  }

  get isOpen() {
    return !this.#node.hidden;
  }

  get count() {
    return this.#options.length;
  }

  show(options) {
    this.#options = options;
    this.#node.hidden = options.length === 0;
    this.#node.replaceChildren(...options.map((option, index) => this.#option(option, index)));
    this.#activate(options.length ? 0 : -1);
  }

  close() {
    this.show([]);
  }

  /** Whether this key was meant for the list. */
  takes(event) {
    if (!this.isOpen || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return false;
    switch (event.key) {
      case "ArrowDown":
        this.#activate((this.#active + 1) % this.#options.length);
        return true;
      case "ArrowUp":
        this.#activate((this.#active - 1 + this.#options.length) % this.#options.length);
        return true;
      case "Enter":
      case "Tab":
        this.#choose(this.#active);
        return true;
      case "Escape":
        this.close();
        return true;
      default:
        return false;
    }
  }

  #option({ label, help }, index) {
    return element(
      "li",
      {
        id: `${this.#node.id}-${index}`,
        class: "suggestion",
        role: "option",
        "aria-selected": "false",
        onpointerdown: (event) => event.preventDefault(), // the focus stays in the box
        onclick: () => this.#choose(index),
      },
      element("span", { class: "suggestion-label" }, label),
      element("span", { class: "suggestion-help" }, help),
    );
  }

  #choose(index) {
    const { line } = this.#options[index];
    this.close();
    this.#chosen(line);
  }

  #activate(index) {
    this.#node.children[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = index;
    const option = this.#node.children[index];
    if (!option) {
      this.#box.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.#box.setAttribute("aria-activedescendant", option.id);
  }
}
