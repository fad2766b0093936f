// The switch that says which of the people the visitor is.

import { avatar } from "./avatar.js";
import { Keyed, write } from "./dom.js";
import { element } from "./element.js";

export class PeopleSwitch {
  #store;
  #switched;
  #list;
  #rows = element("div", { class: "people-list" });
  node = element("fieldset", { class: "people" }, element("legend", { class: "sidebar-title" }, "You are"));

  /** `switched(id)` hears who is chosen. */
  constructor({ store, switched }) {
    this.#store = store;
    this.#switched = switched;
    this.node.append(this.#rows);
    this.#list = new Keyed(this.#rows, { key: ({ id }) => id, make: (person) => this.#row(person) });
  }

  refresh() {
    const seeded = this.#store.people.filter((person) => person.is_seeded);
    this.#list.show(seeded.map(({ id, name, may }) => ({ id, name, may })));
    const mine = [...this.#rows.querySelectorAll("input")].find((input) => input.value === this.#store.me);
    if (mine) mine.checked = true;
  }

  #row(person) {
    const name = element("b", { class: "people-name" });
    const may = element("span", { class: "people-may", id: `may-${person.id}` });
    const input = element("input", {
      type: "radio",
      name: "person",
      value: person.id,
      "aria-describedby": may.id,
      onchange: () => this.#switched(person.id),
    });
    const words = element("span", { class: "people-words" }, name, may);
    const node = element("label", { class: "people-row" }, input, avatar(this.#store.user(person.id)), words);
    return {
      node,
      update: (now) => {
        input.setAttribute("aria-label", now.name);
        write(name, now.name);
        write(may, now.may);
      },
    };
  }
}
