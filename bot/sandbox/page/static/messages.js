// A list of messages: a conversation, or a thread. Only what changed is rendered anew, and what is new comes first.

import { element } from "./element.js";
import { Row } from "./row.js";
import { Scroller } from "./scroller.js";
import { threadOf } from "./store.js";

const GROUP_SECONDS = 5 * 60;
const AT_ONCE = 40; // rows at the end, which is what is seen first
const AT_A_TIME = 30; // rows that come above them whenever the browser has nothing else to do
const UNASKED = 1000; // rows that come without being asked for
const PATIENCE = 300; // milliseconds until they come all the same

function whenIdle(todo) {
  if (globalThis.requestIdleCallback) requestIdleCallback(todo, { timeout: PATIENCE });
  else setTimeout(todo, PATIENCE / 10);
}

export class MessageList {
  #store;
  #contexts;
  #openThread;
  #isThread;
  #place = null; // {channel, parent}
  #rows = new Map();
  #order = []; // the ts of the rows, oldest first
  #waiting = []; // the ts of what has no row yet and is older than all that have one
  #list = element("ol", { class: "messages-list", role: "list" });
  #empty = element("div", { class: "messages-empty", hidden: true });
  #earlier = element(
    "button",
    { type: "button", class: "shell-link messages-earlier", hidden: true },
    "Show earlier messages",
  );
  #scroller = new Scroller(this.#empty, this.#earlier, this.#list);
  node = this.#scroller.node;

  /** `isThread` shows a parent and its replies; otherwise `openThread(channel, ts)` is what "3 replies" does. */
  constructor({ store, contexts, openThread, isThread = false }) {
    this.#store = store;
    this.#contexts = contexts;
    this.#openThread = openThread;
    this.#isThread = isThread;
    this.#earlier.addEventListener("click", () => this.#fill(this.#order.length + UNASKED));
  }

  /** Shows another conversation from its end, or with null none. */
  show(place, { label, empty }) {
    this.#place = place;
    this.#scroller.name(label);
    this.#list.setAttribute("aria-label", label);
    this.#empty.replaceChildren(...(empty ? [empty] : []));
    this.rebuild();
    this.toBottom();
  }

  /** Makes every row anew: for when names, or who is looking, have changed. */
  rebuild() {
    this.#rows = new Map();
    this.#list.replaceChildren();
    const all = this.#messages().map(({ ts }) => ts);
    this.#order = all.splice(-AT_ONCE);
    this.#waiting = all;
    this.#list.append(...this.#order.map((ts) => this.#make(ts).node));
    this.#arrange(0, this.#order.length);
    this.#settle();
    this.#fill(UNASKED);
  }

  /** Brings the rows to what the store says, and touches those alone that differ. */
  refresh() {
    const all = this.#messages().map(({ ts }) => ts);
    const first = this.#waiting.length ? all.indexOf(this.#order.find((ts) => this.#get(ts))) : 0;
    if (first < 0) {
      this.rebuild();
      return;
    }
    this.#waiting = all.splice(0, first);
    this.#leaveOnly(new Set(all));
    this.#order = all;
    let next = this.#list.firstChild;
    for (const ts of all) {
      const row = this.#rows.get(ts);
      row?.update(this.#get(ts));
      if (row) next = row.node.nextSibling;
      else this.#list.insertBefore(this.#make(ts).node, next);
    }
    this.#arrange(0, all.length);
    this.#settle();
  }

  /** One message is new or different. */
  heard({ message, isNew }) {
    if (message.channel !== this.#place?.channel) return;
    if (!this.#isHere(message)) this.#showReplies(threadOf(message));
    else if (this.#rows.has(message.ts)) this.#rows.get(message.ts).update(message);
    else this.#insert(message.ts);
    if (!isNew || !this.#isHere(message)) return;
    if (message.user === this.#store.me) this.toBottom();
    else if (!this.#scroller.isAtEnd) this.#scroller.addNews();
  }

  /** One message is no more. */
  left({ channel, ts, thread }) {
    if (channel !== this.#place?.channel) return;
    const index = this.#order.indexOf(ts);
    if (index < 0) {
      this.#showReplies(thread);
      return;
    }
    this.#rows.get(ts).node.remove();
    this.#rows.delete(ts);
    this.#order.splice(index, 1);
    this.#arrange(index, index + 1);
    this.#settle();
  }

  /** Brings one of the rows into view and gives it the focus. */
  reveal(ts) {
    if (!this.#rows.has(ts)) this.#putAbove(this.#waiting.splice(0).filter((each) => this.#get(each)));
    this.#rows.get(ts)?.show();
  }

  toBottom() {
    this.#scroller.toEnd();
  }

  #get(ts) {
    return this.#store.message(this.#place.channel, ts);
  }

  #messages() {
    if (!this.#place) return [];
    const { channel, parent } = this.#place;
    if (!this.#isThread) return this.#store.messages(channel);
    return [this.#get(parent), ...this.#store.messages(channel, parent)].filter(Boolean);
  }

  #isHere(message) {
    const parent = threadOf(message);
    if (!this.#isThread) return parent === null;
    return message.ts === this.#place.parent || parent === this.#place.parent;
  }

  #make(ts) {
    const message = this.#get(ts);
    const row = new Row({
      store: this.#store,
      contexts: this.#contexts,
      message,
      openThread: () => this.#openThread(message.channel, ts),
      dismiss: () => this.#store.dismiss(message.channel, ts),
    });
    this.#rows.set(ts, row);
    return row;
  }

  #insert(ts) {
    if (this.#waiting.length && ts < this.#order[0]) {
      this.#waiting = this.#messages()
        .map((message) => message.ts)
        .filter((each) => each < this.#order[0]);
      return;
    }
    let index = this.#order.length;
    while (index > 0 && this.#order[index - 1] > ts) index -= 1;
    const next = this.#rows.get(this.#order[index]);
    this.#list.insertBefore(this.#make(ts).node, next?.node ?? null);
    this.#order.splice(index, 0, ts);
    this.#arrange(index, index + 2);
    this.#settle();
  }

  #leaveOnly(kept) {
    for (const [ts, row] of this.#rows) {
      if (kept.has(ts)) continue;
      row.node.remove();
      this.#rows.delete(ts);
    }
  }

  /** Goes on in quiet moments until there are so many rows, or until another place is shown. */
  #fill(most) {
    const place = this.#place;
    const rows = this.#rows;
    const step = () => {
      if (place !== this.#place || rows !== this.#rows) return;
      this.#putAbove(this.#waiting.splice(-AT_A_TIME).filter((ts) => this.#get(ts)));
      if (this.#waiting.length && this.#order.length < most) whenIdle(step);
      else this.#earlier.hidden = this.#waiting.length === 0;
    };
    this.#earlier.hidden = true;
    if (this.#waiting.length) whenIdle(step);
  }

  #putAbove(older) {
    this.#scroller.above(() => this.#list.prepend(...older.map((ts) => this.#make(ts).node)));
    this.#order.unshift(...older);
    this.#arrange(0, older.length + 1);
  }

  /** How the rows of this range stand to those above them. */
  #arrange(start, end) {
    for (let index = start; index < Math.min(end, this.#order.length); index += 1) {
      const row = this.#rows.get(this.#order[index]);
      const above = this.#rows.get(this.#order[index - 1])?.message;
      const isFirstReply = this.#isThread && index === 1;
      const beginsDay = !above || dayOf(above) !== dayOf(row.message);
      row.place({ follows: !beginsDay && !isFirstReply && belongTogether(above, row.message), beginsDay });
      this.#showReplies(row.message.ts);
    }
  }

  #showReplies(ts) {
    const row = this.#rows.get(ts);
    if (!row || this.#isThread) return;
    const replies = this.#store.messages(this.#place.channel, ts).filter((reply) => !reply.to);
    row.showReplies(replies.length, replies.at(-1));
  }

  #settle() {
    this.#empty.hidden = this.#order.length > 0;
    if (this.#isThread && this.#order.length) this.#rows.get(this.#order[0]).countBelow(this.#order.length - 1);
  }
}

function dayOf(message) {
  return new Date(Number(message.ts) * 1000).toDateString();
}

function belongTogether(above, message) {
  const isClose = Number(message.ts) - Number(above.ts) < GROUP_SECONDS;
  return isClose && above.user === message.user && !above.to && !message.to;
}
