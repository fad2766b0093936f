// The right column: a thread, or what is behind the scenes. On a phone it covers everything.

import { element } from "./element.js";
import { icon } from "./icons.js";
import { Tabs } from "./tabs.js";

export class Side {
  #node;
  #tabs;
  #changed;
  #tab = "stage";
  #before = null; // what had the focus before

  /** `changed()` hears when it opens, closes or shows something else. */
  constructor({ node, thread, panel, changed }) {
    this.#node = node;
    this.#changed = changed;
    this.#tabs = new Tabs({
      label: "Beside the conversation",
      tabs: [
        { id: "thread", label: "Thread", panel: thread.node },
        { id: "stage", label: "Behind the scenes", panel: panel.node },
      ],
      chosen: (tab) => this.#show(tab),
    });
    this.#node.append(element("header", { class: "side-head" }, this.#back(), this.#tabs.node, this.#leave()));
    this.#node.append(thread.node, panel.node);
  }

  get isOpen() {
    return !this.#node.hidden;
  }

  /** Whether somebody works in it. */
  get hasFocus() {
    return this.isOpen && this.#node.contains(document.activeElement);
  }

  get tab() {
    return this.#tab;
  }

  offerStage(isOffered) {
    this.#tabs.offer("stage", isOffered);
  }

  open(tab) {
    if (!this.isOpen) this.#before = document.activeElement;
    this.#node.hidden = false;
    this.#tabs.choose(tab);
    this.#show(tab);
  }

  close() {
    const held = this.#node.contains(document.activeElement);
    this.#node.hidden = true;
    this.#changed();
    if (held && this.#before?.isConnected) this.#before.focus();
  }

  focus() {
    this.#node.querySelector("[role=tab][aria-selected=true]").focus();
  }

  #show(tab) {
    this.#tab = tab;
    this.#changed();
  }

  #back() {
    const attributes = {
      type: "button",
      class: "shell-square side-back",
      "aria-label": "Back",
      onclick: () => this.close(),
    };
    return element("button", attributes, icon("back"));
  }

  #leave() {
    const attributes = {
      type: "button",
      class: "shell-square side-leave",
      "aria-label": "Close this column",
      onclick: () => this.close(),
    };
    return element("button", attributes, icon("close"));
  }
}
