// The modal that the app has opened for this person: the topmost one, in a native dialog.

import { post } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { write } from "./dom.js";
import { element } from "./element.js";
import { keepFocus } from "./focus.js";
import { icon } from "./icons.js";
import { stateOf } from "./inputs.js";
import { withEntered } from "./keep.js";

const ENTERABLE = "input:not([type=hidden]), textarea, select, [role=combobox], [contenteditable=true]";
const WAIT_MILLISECONDS = 700; // what follows a submission comes by the stream, a moment after its answer

export class Modal {
  #store;
  #contexts;
  #view = null;
  #json = "null"; // of the view as it last came from the app
  #dialog;
  #title = element("h2", { id: "modal-title", class: "modal-title" });
  #blocks = element("div", { class: "modal-blocks" });
  #trouble = element("p", { class: "modal-trouble", role: "alert", hidden: true });
  #leave = element("button", { type: "button", class: "shell-square modal-leave" });
  #close = element("button", { type: "button", class: "shell-button" });
  #submit = element("button", { type: "submit", class: "shell-button is-primary" });
  #unbusy = 0;

  constructor({ store, contexts }) {
    this.#store = store;
    this.#contexts = contexts;
    this.#dialog = element("dialog", { class: "modal", "aria-labelledby": "modal-title" }, this.#form());
    this.node = this.#dialog;
    this.#listen();
  }

  /** Shows what the store says is open. */
  refresh() {
    const view = this.#store.modal;
    const json = JSON.stringify(view);
    if (json === this.#json) return;
    this.#json = json;
    if (!view) this.#hide();
    else if (view.id === this.#view?.id) this.#change(view);
    else this.#open(view);
  }

  #form() {
    return element(
      "form",
      { class: "modal-form", novalidate: true, method: "dialog" },
      element("header", { class: "modal-head" }, this.#leave, this.#title),
      element("div", { class: "modal-body", tabindex: "-1" }, this.#blocks),
      this.#trouble,
      element("footer", { class: "modal-foot" }, this.#close, this.#submit),
    );
  }

  #listen() {
    this.#dialog.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter === this.#submit) this.#send();
    });
    this.#dialog.addEventListener("cancel", (event) => {
      if (event.target !== this.#dialog) return; // a dialog on top of this one
      event.preventDefault();
      this.#ask();
    });
    this.#dialog.addEventListener("keydown", (event) => this.#enter(event));
    for (const button of [this.#leave, this.#close]) button.addEventListener("click", () => this.#ask());
  }

  /** Enter in an input submits nothing by itself: the form's first button may be one of the app's. */
  #enter(event) {
    const isLine = event.target instanceof HTMLInputElement && this.#blocks.contains(event.target);
    if (event.key !== "Enter" || event.defaultPrevented || event.isComposing || !isLine) return;
    event.preventDefault();
    if (!this.#submit.hidden) this.#send();
  }

  #open(view) {
    this.#render(view, view.blocks);
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#dialog.querySelector(".modal-body").scrollTop = 0;
    (this.#blocks.querySelector(ENTERABLE) ?? (view.submit ? this.#submit : this.#close)).focus();
  }

  #change(view) {
    const entered = withEntered(view.blocks, stateOf(this.#blocks));
    keepFocus(
      this.#blocks,
      () => this.#submit,
      () => this.#render(view, entered),
    );
    if (Object.keys(view.errors).length) this.#focusError();
  }

  #render(view, blocks) {
    this.#view = view;
    this.#setBusy(false);
    this.#tellTrouble("");
    write(this.#title, view.title);
    write(this.#close, view.close ?? "Close");
    write(this.#submit, view.submit ?? "");
    this.#submit.hidden = !view.submit;
    const isDeep = view.depth > 1;
    this.#leave.setAttribute("aria-label", isDeep ? "Back" : "Close this");
    this.#leave.replaceChildren(icon(isDeep ? "back" : "close"));
    this.#blocks.replaceChildren(renderBlocks(blocks, this.#contexts.of({ view: view.id }, view.errors)));
  }

  #hide() {
    this.#view = null;
    this.#setBusy(false);
    if (this.#dialog.open) this.#dialog.close();
    this.#blocks.replaceChildren();
  }

  async #send() {
    if (this.#isBusy() || !this.#view?.submit) return;
    const view = this.#view;
    this.#setBusy(true);
    const answer = await post("submit", { as: this.#store.me, view: view.id, state: stateOf(this.#blocks) });
    if (view !== this.#view) return;
    if (answer.ok && !answer.errors) this.#unbusy = setTimeout(() => this.#setBusy(false), WAIT_MILLISECONDS);
    else if (answer.errors) this.#change({ ...view, errors: answer.errors });
    else this.#fail(answer.error);
  }

  async #ask() {
    if (this.#isBusy() || !this.#view) return;
    const view = this.#view;
    this.#setBusy(true);
    const answer = await post("close", { as: this.#store.me, view: view.id });
    if (view !== this.#view) return;
    if (answer.ok) this.#unbusy = setTimeout(() => this.#setBusy(false), WAIT_MILLISECONDS);
    else this.#fail(answer.error);
  }

  #fail(words) {
    this.#setBusy(false);
    this.#tellTrouble(words);
  }

  #focusError() {
    this.#blocks.querySelector("[aria-invalid=true]")?.focus();
  }

  #isBusy() {
    return this.#dialog.getAttribute("aria-busy") === "true";
  }

  #setBusy(isBusy) {
    clearTimeout(this.#unbusy);
    this.#dialog.setAttribute("aria-busy", String(isBusy));
    for (const button of [this.#leave, this.#close, this.#submit]) {
      button.setAttribute("aria-disabled", String(isBusy)); // a disabled one would lose the focus
    }
  }

  #tellTrouble(words) {
    this.#trouble.hidden = !words;
    write(this.#trouble, words);
  }
}
