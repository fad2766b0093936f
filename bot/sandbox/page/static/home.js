// The app's Home tab.

import { post } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { element } from "./element.js";
import { keepFocus } from "./focus.js";

export class Home {
  #store;
  #contexts;
  #shown = null;
  node = element("section", { class: "home", "aria-label": "Home", tabindex: "0" });

  constructor({ store, contexts }) {
    this.#store = store;
    this.#contexts = contexts;
  }

  /** Somebody opens it: the app hears of that, and may publish something else. */
  async open() {
    this.refresh();
    const answer = await post("home", { as: this.#store.me });
    if (!answer.ok && !this.#store.home) this.#say(answer.error);
  }

  refresh() {
    const view = this.#store.home;
    if (!view) this.#say(`${this.#store.app()?.name ?? "This app"} has no Home tab yet.`);
    else if (view !== this.#shown) this.#render(view);
    this.#shown = view;
  }

  #render(view) {
    const context = this.#contexts.of({ view: view.id });
    keepFocus(
      this.node,
      () => this.node,
      () => {
        this.node.replaceChildren(element("div", { class: "home-page" }, renderBlocks(view.blocks, context)));
      },
    );
  }

  #say(words) {
    this.node.replaceChildren(element("p", { class: "home-empty" }, words));
  }
}
