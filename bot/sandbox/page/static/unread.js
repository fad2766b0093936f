// Which conversations hold something that this person has not seen yet. Each of the people has read on her own.

import { tab } from "./memory.js";

export class Unread {
  #store;
  #read = tab.get("read", {}); // person -> channel -> ts
  #began = tab.get("began", null); // what was there before this tab was opened is not news

  constructor(store) {
    this.#store = store;
  }

  /** To be called with the first of everything. */
  begin() {
    if (this.#began !== null) return;
    this.#began = newest(this.#store.channels.map((channel) => this.#newestIn(channel.id)));
    tab.set("began", this.#began);
  }

  /** She looks at it now. */
  seen(channel) {
    const mine = (this.#read[this.#store.me] ??= {});
    mine[channel] = newest([this.#newestIn(channel), mine[channel] ?? ""]);
    tab.set("read", this.#read);
  }

  has(channel) {
    const since = this.#read[this.#store.me]?.[channel] ?? this.#began ?? "";
    const { newestOf } = this.#store.conversation(channel);
    return [...newestOf].some(([author, ts]) => author !== this.#store.me && ts > since);
  }

  #newestIn(channel) {
    return this.#store.conversation(channel).newest;
  }
}

/** Each ts has as many digits, so the greatest text is the newest. */
function newest(all) {
  return all.reduce((greatest, ts) => (ts > greatest ? ts : greatest), "");
}
