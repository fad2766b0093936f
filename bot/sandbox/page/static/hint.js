// What a newcomer is told in the first minute: what to type, and where to look.

import { write } from "./dom.js";
import { element } from "./element.js";
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
  #before = element("span");
  #code = element("code", { class: "newcomer-command" });
  #more = element(
    "p",
    { class: "newcomer-more" },
    "“Behind the scenes” shows the snapshots, and lets you try to break the bot.",
  );
  node;

  /** `fill(line)` puts a line into the box below. */
  constructor({ store, fill }) {
    this.#store = store;
    this.#fill = fill;
    const press = (label, looks, act) =>
      element("button", { type: "button", class: `shell-button is-small ${looks}`, onclick: act }, label);
    this.node = element(
      "section",
      { class: "newcomer", "aria-label": "How to begin", hidden: true },
      element("p", {}, element("b", {}, "Try it. "), this.#before, this.#code, " and press Enter."),
      this.#more,
      element(
        "div",
        { class: "newcomer-deeds" },
        press("Put it in the box", "is-primary", () => this.#fill(this.#command())),
        press("Got it", "", () => this.#dismiss()),
      ),
    );
  }

  refresh(here) {
    const isFirst = here !== null && here === firstPlace(this.#store.channels)?.id;
    this.node.hidden = !isFirst || browser.get(SEEN, false) || !this.#command();
    if (this.node.hidden) return;
    write(this.#before, this.#invitation(here));
    write(this.#code, this.#command());
    this.#more.hidden = !this.#store.aws;
  }

  /** Somebody who has sent a command needs no hint any more. */
  sent(line) {
    if (line.startsWith("/")) this.#dismiss();
  }

  #dismiss() {
    browser.set(SEEN, true);
    this.node.hidden = true;
  }

  /** A command that takes a snapshot, with the one that a visitor would delete; without any, one that takes none. */
  #command() {
    const snapshot = this.#example();
    const command = this.#store.commands.find(({ takes }) => (takes === "snapshot") === Boolean(snapshot));
    return [command?.text.trimEnd(), command && snapshot?.name].filter(Boolean).join(" ");
  }

  #invitation(here) {
    if (!this.#example()) return "Ask the bot what it can do: type ";
    const isAsked = this.#store.messages(here).some(({ blocks }) => blocks?.some(({ type }) => type === "actions"));
    if (!isAsked) return "Ask the bot to delete a snapshot: type ";
    return "Press a button in the message above, or ask to delete another snapshot: type ";
  }

  /** The oldest snapshot that nobody has spoken of, that is no other's namesake, and that no mere mark protects. */
  #example() {
    const all = (this.#store.aws?.regions ?? []).flatMap((region) => region.snapshots);
    const said = JSON.stringify(this.#store.messages(firstPlace(this.#store.channels)?.id));
    const [oldest] = all
      .filter(({ name }) => !said.includes(name) && all.filter((other) => other.name === name).length === 1)
      .filter(({ tags }) => Object.values(tags).every((value) => value !== ""))
      .sort((one, other) => (one.created_at < other.created_at ? -1 : 1));
    return oldest ?? null;
  }
}
