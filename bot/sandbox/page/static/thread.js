// The thread that is open beside the conversation, with its own box for replies.

import { Composer } from "./composer.js";
import { write } from "./dom.js";
import { element } from "./element.js";
import { MessageList } from "./messages.js";

export class Thread {
  #store;
  #place = null; // {channel, parent}
  #list;
  #composer;
  #where = element("p", { class: "thread-where" });
  #nothing = element("p", { class: "side-empty" }, "Open a thread by its replies, or reply to a message.");
  #open;

  constructor({ store, contexts, say }) {
    this.#store = store;
    this.#list = new MessageList({ store, contexts, openThread: () => {}, isThread: true });
    this.#composer = new Composer({ store, id: "thread-composer", say, sent: () => this.#list.toBottom() });
    this.#open = element("div", { class: "thread-open" }, this.#where, this.#list.node, this.#composer.node);
    this.node = element("section", { class: "thread" }, this.#nothing, this.#open);
    this.close();
  }

  get place() {
    return this.#place;
  }

  open(channel, parent) {
    if (this.#place?.channel === channel && this.#place.parent === parent) return;
    this.#place = { channel, parent };
    this.#show();
  }

  close() {
    this.#place = null;
    this.#show();
  }

  focus() {
    this.#composer.focus();
  }

  /** Everything may be different; with `isOther`, it is another person who looks. */
  refresh({ isOther }) {
    if (!this.#place) return;
    if (!this.#store.message(this.#place.channel, this.#place.parent)) this.close();
    else if (isOther) this.#show();
    else this.#list.refresh();
  }

  rebuild() {
    if (this.#place) this.#list.rebuild();
  }

  heard(detail) {
    this.#list.heard(detail);
  }

  left(detail) {
    if (this.#place?.channel === detail.channel && this.#place.parent === detail.ts) this.close();
    else this.#list.left(detail);
  }

  #show() {
    const place = this.#place;
    this.#nothing.hidden = Boolean(place);
    this.#open.hidden = !place;
    if (place) {
      const channel = this.#store.channel(place.channel);
      const where = channel?.kind === "im" ? "a direct message" : `#${channel?.name ?? place.channel}`;
      write(this.#where, `In ${where}`);
      this.#composer.show({ channel: place.channel, thread_ts: place.parent }, "Reply in thread");
    }
    this.#list.show(place, { label: "Thread", empty: null });
  }
}
