// The box in which a line is written and sent: to a conversation, or into a thread.

import { post } from "./api.js";
import { completions } from "./complete.js";
import { write } from "./dom.js";
import { element } from "./element.js";
import { icon } from "./icons.js";
import { tab } from "./memory.js";
import { Suggestions } from "./suggestions.js";

const MOST_LINES_KEPT = 50;
const FITS_ITSELF = CSS.supports("field-sizing", "content");

export class Composer {
  #store;
  #say;
  #sent;
  #place = null; // {channel, thread_ts}
  #owner = null; // whose lines these are
  #drafts = new Map();
  #recalled = null; // how far back, or null
  #isSending = false;
  #box;
  #button;
  #note = element("p", { class: "composer-note", role: "alert", hidden: true });
  #suggestions;

  /** `sent(place, line)` hears of what went through; `say(words)` reads words aloud. */
  constructor({ store, id, say, sent }) {
    this.#store = store;
    this.#say = say;
    this.#sent = sent;
    this.#box = element("textarea", { id, class: "composer-box", rows: "1", autocomplete: "off", spellcheck: "false" });
    this.#suggestions = new Suggestions({ id: `${id}-list`, box: this.#box, chosen: (line) => this.fill(line) });
    this.#button = element(
      "button",
      { type: "submit", class: "composer-send", "aria-label": "Send", title: "Send" },
      icon("send"),
    );
    this.node = this.#form();
    this.#listen();
  }

  /** Where lines go from here, with what was begun there before; `label` names the box. */
  show(place, label) {
    this.#keepDraft();
    this.#place = place;
    this.#owner = this.#store.me;
    this.#recalled = null;
    this.#tellTrouble("");
    this.#box.setAttribute("aria-label", label);
    this.#box.placeholder = label;
    this.#write(this.#drafts.get(this.#key()) ?? "");
    this.#suggestions.close();
  }

  /** Puts a line into the box as if it were typed. */
  fill(line) {
    this.#write(line);
    this.focus();
    this.#suggest();
  }

  focus() {
    this.#box.focus();
  }

  get isEmpty() {
    return this.#box.value === "";
  }

  #form() {
    const row = element("div", { class: "composer-row" }, this.#box, this.#button);
    const form = element("form", { class: "composer" }, this.#suggestions.node, row, this.#note);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    return form;
  }

  #listen() {
    this.#box.addEventListener("input", () => {
      this.#recalled = null;
      this.#fit();
      this.#suggest();
    });
    this.#box.addEventListener("keydown", (event) => this.#pressed(event));
    this.#box.addEventListener("blur", () => this.#suggestions.close());
  }

  #pressed(event) {
    if (event.isComposing) return; // an input method still makes up a character
    const isTaken = this.#suggestions.takes(event) || this.#recalls(event) || this.#sends(event);
    if (isTaken) event.preventDefault();
  }

  #sends(event) {
    if (event.key !== "Enter" || event.shiftKey) return false;
    this.#send();
    return true;
  }

  /** Up in an empty box brings back the last line, and from there the ones before it. */
  #recalls(event) {
    const isUp = event.key === "ArrowUp" && (this.isEmpty || this.#recalled !== null);
    const isDown = event.key === "ArrowDown" && this.#recalled !== null;
    const lines = tab.get(this.#linesKey(), []);
    if ((!isUp && !isDown) || !lines.length) return false;
    const back = isUp ? Math.min((this.#recalled ?? -1) + 1, lines.length - 1) : this.#recalled - 1;
    this.#recalled = back < 0 ? null : back;
    this.#write(back < 0 ? "" : lines[back]);
    this.#suggestions.close();
    return true;
  }

  async #send() {
    const line = this.#box.value.trim();
    if (!line || !this.#place || this.#isSending) return;
    if (line.startsWith("/") && this.#place.thread_ts) {
      const [command] = line.split(/\s/u);
      this.#tellTrouble(`${command} doesn't work in threads. Type it in the conversation itself.`);
      return;
    }
    const [place, key] = [this.#place, this.#key()];
    this.#setSending(true);
    const answer = await post("type", { as: this.#owner, ...place, text: line });
    this.#setSending(false);
    if (answer.ok) this.#wentThrough(place, key, line);
    else if (key === this.#key()) this.#tellTrouble(answer.error);
  }

  #wentThrough(place, key, line) {
    this.#drafts.delete(key);
    if (key === this.#key()) {
      this.#write("");
      this.#tellTrouble("");
    }
    const lines = tab.get(this.#linesKey(), []).filter((each) => each !== line);
    tab.set(this.#linesKey(), [line, ...lines].slice(0, MOST_LINES_KEPT));
    this.#recalled = null;
    this.#sent(place, line);
  }

  #setSending(isSending) {
    this.#isSending = isSending;
    this.#suggestions.close();
    this.#box.readOnly = isSending;
    this.node.setAttribute("aria-busy", String(isSending));
  }

  #suggest() {
    const snapshots = (this.#store.aws?.regions ?? []).flatMap((region) =>
      region.snapshots.map((snapshot) => ({ ...snapshot, region: region.name })),
    );
    const isAtEnd = this.#box.selectionEnd === this.#box.value.length;
    const isHere = isAtEnd && this.#place && !this.#place.thread_ts;
    this.#suggestions.show(isHere ? completions(this.#box.value, this.#store.commands, snapshots) : []);
    const { count } = this.#suggestions;
    if (count) this.#say(`${count} ${count === 1 ? "suggestion" : "suggestions"}`);
  }

  #write(text) {
    this.#box.value = text;
    this.#fit();
  }

  /** As high as its lines, also in browsers that can't do so by themselves. */
  #fit() {
    if (!FITS_ITSELF) {
      this.#box.style.height = "auto";
      if (this.#box.scrollHeight) this.#box.style.height = `${this.#box.scrollHeight}px`;
    }
    this.node.classList.toggle("has-text", this.#box.value.trim() !== "");
  }

  #tellTrouble(words) {
    this.#note.hidden = !words;
    write(this.#note, words);
  }

  #keepDraft() {
    if (!this.#place) return;
    if (this.#box.value) this.#drafts.set(this.#key(), this.#box.value);
    else this.#drafts.delete(this.#key());
  }

  #key() {
    return this.#place ? `${this.#owner} ${this.#place.channel} ${this.#place.thread_ts ?? ""}` : "";
  }

  #linesKey() {
    return `lines ${this.#owner}`;
  }
}
