// Select menus: one or several options from a list that narrows while the person types.
// The keyboard works as in https://www.w3.org/WAI/ARIA/apg/patterns/combobox/

import { isBusy, perform } from "./actions.js";
import { element, newId } from "./element.js";
import { renderText, renderWords } from "./mrkdwn.js";
import { sourceOf } from "./options.js";
import { holds } from "./state.js";

/** The menu for a select element, single or multi. */
export function renderMenu(part, block, context, field) {
  const menu = new Menu(part, block, context, field);
  return holds(menu.node, block, part, () => menu.state());
}

class Menu {
  node = element("div", { class: "menu" });
  #part;
  #block;
  #context;
  #source;
  #isMany;
  #chosen; // options
  #told; // the options that the app knows of
  #shown = []; // {option, node}, as listed
  #active = -1;
  #asked = 0; // counts questions to the source: the answer to an old one comes too late
  #resting = 0;
  #input;
  #chips = element("ul", { class: "menu-chips", "aria-label": "Chosen" });
  #list;
  #words = element("p", { class: "menu-words", "aria-live": "polite" });
  #popup;
  #clear;

  constructor(part, block, context, field) {
    [this.#part, this.#block, this.#context] = [part, block, context];
    this.#source = sourceOf(part, block, context);
    this.#isMany = part.type.startsWith("multi_");
    this.#chosen = this.#source.initial();
    this.#told = this.#chosen;
    this.#build(field);
    this.#listen();
    this.#showChosen();
  }

  /** What Slack says of it beside its type. */
  state() {
    const values = this.#chosen.map((option) => this.#source.value(option));
    return { [this.#source.field]: this.#isMany ? values : (values[0] ?? null) };
  }

  #build(field) {
    const id = newId("menu-list");
    const clear = { type: "button", class: "menu-clear", "aria-label": "Choose nothing", hidden: true };
    this.#list = listbox(id, this.#isMany);
    this.#input = combobox(this.#part, field, { list: id, otherwise: this.#isMany ? "Choose some" : "Choose one" });
    this.#clear = element("button", clear, "×");
    this.#popup = element("div", { class: "menu-popup", hidden: true }, this.#list, this.#words);
    const box = element("div", { class: "menu-box" }, this.#chips, this.#input, this.#clear, arrow());
    box.addEventListener("click", (event) => this.#boxClicked(event));
    this.node.append(box, this.#popup);
  }

  #listen() {
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("blur", () => this.#close());
    this.#clear.addEventListener("click", () => this.#choose([]));
    this.#popup.addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps the focus
    this.#list.addEventListener("click", (event) => {
      const place = this.#shown.findIndex(({ node }) => node.contains(event.target));
      if (place >= 0) this.#take(place);
    });
  }

  #boxClicked(event) {
    if (event.target.closest("button")) return;
    this.#input.focus();
    if (!this.#isOpen()) this.#open();
    else if (event.target !== this.#input) this.#close();
  }

  // The keyboard

  #key(event) {
    if (event.isComposing) return;
    const isOpen = this.#isOpen();
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) {
      event.preventDefault();
      if (isOpen) this.#move(moves[event.key]);
      else this.#open();
    } else if (event.key === "Enter" && isOpen) {
      event.preventDefault();
      if (this.#active >= 0) this.#take(this.#active);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault(); // a dialog around it stays open
      event.stopPropagation();
      this.#close();
    } else if (event.key === "Backspace" && this.#isMany && !this.#input.value && this.#chosen.length) {
      this.#choose(this.#chosen.slice(0, -1));
    }
  }

  #move(by) {
    const count = this.#shown.length;
    if (count) this.#activate(this.#active < 0 ? (by > 0 ? 0 : count - 1) : (this.#active + by + count) % count);
  }

  #activate(place) {
    this.#shown[this.#active]?.node.classList.remove("is-active");
    this.#active = place;
    const node = this.#shown[place]?.node;
    node?.classList.add("is-active");
    node?.scrollIntoView({ block: "nearest" });
    if (node) this.#input.setAttribute("aria-activedescendant", node.id);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  // The list

  #isOpen() {
    return !this.#popup.hidden;
  }

  #open() {
    if (this.#isOpen() || isBusy(this.node)) return;
    this.#popup.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    if (!this.#isMany) this.#input.select();
    this.#ask("");
  }

  #close() {
    clearTimeout(this.#resting);
    if (!this.#isOpen()) return;
    this.#asked += 1;
    this.#popup.hidden = true;
    this.#input.setAttribute("aria-expanded", "false");
    this.#activate(-1);
    this.#showChosen();
    if (this.#isMany) this.#tell();
  }

  #typed() {
    if (!this.#isOpen()) this.#open();
    clearTimeout(this.#resting);
    const typed = this.#input.value;
    if (!this.#source.rest) this.#ask(typed);
    else this.#resting = setTimeout(() => this.#ask(typed), this.#source.rest);
  }

  async #ask(typed) {
    this.#asked += 1;
    const question = this.#asked;
    const answer = this.#source.find(typed);
    if (answer instanceof Promise) this.#fill([], "Looking…");
    const { groups, words } = await answer;
    if (question !== this.#asked) return;
    this.#fill(groups, words ?? (groups.some(({ options }) => options.length) ? "" : "Nothing matches"));
    const chosen = this.#shown.findIndex(({ option }) => this.#isChosen(option));
    this.#popup.scrollIntoView({ block: "nearest" });
    this.#activate(typed && this.#shown.length ? 0 : this.#isMany ? -1 : chosen);
  }

  #fill(groups, words) {
    this.#shown = [];
    this.#active = -1;
    this.#list.replaceChildren(...groups.filter(({ options }) => options.length).map((group) => this.#group(group)));
    this.#list.hidden = !this.#shown.length;
    this.#words.textContent = words;
  }

  #group({ label, options }) {
    const rows = options.map((option) => this.#row(option));
    if (!label) return element("div", { role: "presentation" }, ...rows);
    const id = newId("menu-group");
    const head = element(
      "div",
      { id, class: "menu-group", role: "presentation", dir: "auto" },
      renderText(label, this.#context),
    );
    return element("div", { role: "group", "aria-labelledby": id }, head, ...rows);
  }

  #row(option) {
    const more =
      option.description &&
      element("span", { class: "choice-more", dir: "auto" }, renderText(option.description, this.#context));
    const attributes = {
      id: newId("menu-option"),
      role: "option",
      class: "menu-option",
      "aria-selected": String(this.#isChosen(option)),
    };
    const node = element(
      "div",
      attributes,
      element("span", { dir: "auto" }, renderText(option.text, this.#context)),
      more || null,
    );
    this.#shown.push({ option, node });
    return node;
  }

  #isChosen(option) {
    return this.#chosen.some(({ value }) => value === option.value);
  }

  // Choosing

  #take(place) {
    const { option } = this.#shown[place];
    if (!this.#isMany) {
      this.#choose([option]);
      this.#close();
      return;
    }
    const others = this.#chosen.filter(({ value }) => value !== option.value);
    const most = this.#part.max_selected_items ?? Infinity;
    if (others.length === this.#chosen.length && others.length >= most) {
      this.#words.textContent = most === 1 ? "Only one can be chosen" : `At most ${most} can be chosen`;
      return;
    }
    this.#choose(others.length < this.#chosen.length ? others : [...others, option]);
    this.#shown.forEach((row) => row.node.setAttribute("aria-selected", String(this.#isChosen(row.option))));
    this.#input.value = "";
  }

  #choose(options) {
    if (isBusy(this.node)) return;
    this.#chosen = options;
    this.#showChosen();
    if (!this.#isMany || !this.#isOpen()) this.#tell();
  }

  #showChosen() {
    const [first] = this.#chosen;
    this.#input.value = this.#isMany || !first ? "" : renderWords(first.text);
    this.#clear.hidden = this.#isMany || !first || !this.#block.optional;
    this.#chips.replaceChildren(...(this.#isMany ? this.#chosen.map((option) => this.#chip(option)) : []));
    this.#chips.hidden = !this.#chips.childElementCount;
  }

  #chip(option) {
    const words = renderWords(option.text);
    const remove = () => {
      this.#choose(this.#chosen.filter(({ value }) => value !== option.value));
      this.#input.focus();
    };
    const button = element(
      "button",
      { type: "button", class: "chip-remove", "aria-label": `Remove ${words}`, onclick: remove },
      "×",
    );
    return element("li", { class: "chip" }, element("span", { class: "chip-words", dir: "auto" }, words), button);
  }

  /** Tells the app, unless only a submission does; a no in the dialog takes the choice back. */
  async #tell() {
    const isTold = this.#block.type !== "input" || this.#block.dispatch_action;
    const before = this.#told;
    if (!isTold || sameOptions(before, this.#chosen)) return;
    this.#told = this.#chosen;
    const values = this.#chosen.map((option) => this.#source.value(option));
    const chosen = this.#isMany ? values : (values[0] ?? null);
    const given = { control: this.node, block: this.#block, part: this.#part, chosen, context: this.#context };
    if (await perform(given)) return;
    this.#chosen = this.#told = before;
    this.#showChosen();
  }
}

function combobox(part, field, { list, otherwise }) {
  const hint = renderWords(part.placeholder ?? otherwise);
  return element("input", {
    type: "text",
    id: field.id,
    class: "menu-input",
    role: "combobox",
    dir: "auto",
    placeholder: hint,
    autocomplete: "off",
    spellcheck: "false",
    autofocus: part.focus_on_load,
    "aria-expanded": "false",
    "aria-controls": list,
    "aria-autocomplete": "list",
    "aria-labelledby": field.labelledBy,
    "aria-label": field.id || field.labelledBy ? null : hint,
    "aria-describedby": field.describedBy,
  });
}

function listbox(id, isMany) {
  const several = isMany ? "true" : null;
  return element("div", {
    id,
    role: "listbox",
    class: "menu-list",
    "aria-multiselectable": several,
    "aria-label": "Options",
  });
}

function sameOptions(some, others) {
  return JSON.stringify(some.map(({ value }) => value)) === JSON.stringify(others.map(({ value }) => value));
}

function arrow() {
  return element("span", { class: "menu-arrow", "aria-hidden": "true" });
}
