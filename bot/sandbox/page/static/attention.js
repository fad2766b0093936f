// Which messages this person has just asked for or clicked on: their threads open by themselves when they grow.

import { threadOf } from "./store.js";

const WAIT_MILLISECONDS = 60_000; // a card that comes later was hardly waited for

export class Attention {
  #store;
  #awaited = new Map(); // channel -> until when
  #mine = new Set();

  constructor(store) {
    this.#store = store;
  }

  /** A command was typed there: the next card is hers. */
  asked(channel) {
    this.#awaited.set(channel, Date.now() + WAIT_MILLISECONDS);
  }

  /** A message was clicked on; if another one answers it, that is hers, too. */
  clicked({ channel, ts }) {
    if (!channel) return;
    this.#mine.add(`${channel} ${ts}`);
    this.asked(channel);
  }

  /** The ts of the thread to open because of this message, or null; each thread once. */
  threadToOpen({ message, isNew }) {
    if (!isNew || message.user === this.#store.me) return null;
    const parent = threadOf(message);
    if (!parent) this.#claim(message);
    return parent && this.#mine.delete(`${message.channel} ${parent}`) ? parent : null;
  }

  #claim(message) {
    const isAwaited = Date.now() < (this.#awaited.get(message.channel) ?? 0);
    if (isAwaited && !message.to && this.#store.user(message.user)?.is_bot) {
      this.#mine.add(`${message.channel} ${message.ts}`);
    }
  }
}
