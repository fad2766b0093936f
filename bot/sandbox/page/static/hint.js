// What a newcomer is told in the first minute: what to type, and where to look.

import { element, write } from "./dom.js";
import { browser } from "./memory.js";

const SEEN = "hint seen";
const FIRST_CHANNEL = "ops";

/** The conversation that a visitor sees first, or null. */
export function firstPlace(channels) {
  const open = channels.filter((channel) => channel.kind !== "im");
  return open.find(({ name }) => name === FIRST_CHANNEL) ?? open[0] ?? channels[0] ?? null;
}

export class Hint {
  #store;
  #fill;
  #code = element("code", { class: "newcomer-command" });
  node;

  /** `fill(line)` puts a line into the box below. */
  constructor({ store, fill }) {
    this.#store = store;
    this.#fill = fill;
    this.node = element(
      "section",
      { class: "newcomer", "aria-label": "How to begin", hidden: true },
      element("p", {}, element("b", {}, "Try it. "), "Ask the bot to delete a snapshot: type ", this.#code, " and press Enter."),
      element("p", { class: "newcomer-more" }, "“Behind the scenes” shows the snapshots, and lets you try to break the bot."),
      element(
        "div",
        { class: "newcomer-deeds" },
        element("button", { type: "button", class: "shell-button is-primary is-small", onclick: () => this.#put() }, "Put it in the box"),
        element("button", { type: "button", class: "shell-button is-small", onclick: () => this.#dismiss() }, "Got it"),
      ),
    );
  }

  refresh(here) {
    const isFirst = here !== null && here === firstPlace(this.#store.channels)?.id;
    this.node.hidden = !isFirst || browser.get(SEEN, false) || !this.#command();
    write(this.#code, this.#command());
  }

  /** Somebody who has sent a command needs no hint any more. */
  sent(line) {
    if (line.startsWith("/")) this.#dismiss();
  }

  #put() {
    this.#fill(this.#command());
  }

  #dismiss() {
    browser.set(SEEN, true);
    this.node.hidden = true;
  }

  /** The app's first command, of the oldest snapshot where it takes one: that is what a visitor would delete. */
  #command() {
    const command = this.#store.commands.find(({ takes }) => takes === "snapshot");
    const snapshots = (this.#store.aws?.regions ?? []).flatMap((region) => region.snapshots);
    const [oldest] = snapshots.sort((one, other) => (one.created_at < other.created_at ? -1 : 1));
    if (command && oldest) return `${command.text.trimEnd()} ${oldest.name}`;
    return this.#store.commands[0]?.text.trimEnd() ?? "";
  }
}
