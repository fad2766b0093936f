// What the page knows: everything that the stream told, in the order in which people read it.

import { tab } from "./memory.js";

const PARTS = ["people", "channels", "modal", "home", "aws", "bot", "faults"];
const SLACKBOT = "USLACKBOT";

/** One conversation: its messages by ts, those at its top, and those of each thread, oldest first. */
class Conversation {
  messages = new Map();
  top = [];
  threads = new Map();
  newest = ""; // the ts
  newestOf = new Map(); // by author

  put(message) {
    const isNew = !this.messages.has(message.ts);
    this.messages.set(message.ts, message);
    if (isNew) this.#add(message);
    return isNew;
  }

  take(ts) {
    const message = this.messages.get(ts);
    if (!message) return null;
    this.messages.delete(ts);
    const list = this.#listOf(message);
    list.splice(list.indexOf(ts), 1);
    return message;
  }

  #add(message) {
    const { ts, user } = message;
    insert(this.#listOf(message), ts);
    if (ts > this.newest) this.newest = ts;
    if (ts > (this.newestOf.get(user) ?? "")) this.newestOf.set(user, ts);
  }

  #listOf(message) {
    const parent = threadOf(message);
    if (!parent) return this.top;
    if (!this.threads.has(parent)) this.threads.set(parent, []);
    return this.threads.get(parent);
  }
}

/** Puts a ts where it belongs; nearly always that is the end. All have as many digits, so they sort as text. */
function insert(list, ts) {
  let place = list.length;
  while (place > 0 && list[place - 1] > ts) place -= 1;
  list.splice(place, 0, ts);
}

/** The ts of the message under which this one is a reply, or null. */
export function threadOf(message) {
  return message.thread_ts && message.thread_ts !== message.ts ? message.thread_ts : null;
}

/**
 * Dispatches `hello` (detail: {isOther: boolean}, whether it is another person's), `message` ({message, isNew}),
 * `gone` ({channel, ts, thread}), the name of each part when that has changed, and `names` when something is called
 * differently.
 */
export class Store extends EventTarget {
  me = null;
  team = { id: "", name: "" };
  commands = [];
  people = [];
  channels = [];
  modal = null;
  home = null;
  aws = null;
  bot = null;
  faults = [];
  #conversations = new Map();
  #names = new Map();
  #users = new Map();
  #dismissed = new Set(tab.get("dismissed", []));

  on(name, listener) {
    this.addEventListener(name, (event) => listener(event.detail));
  }

  replace(hello) {
    const isOther = this.me !== hello.you;
    this.me = hello.you;
    this.team = hello.team;
    this.commands = hello.commands;
    for (const part of PARTS) this[part] = hello[part];
    this.#conversations = new Map();
    for (const message of hello.messages) this.#put(message);
    this.#learnNames();
    this.#tell("hello", { isOther });
  }

  set(part, value) {
    if (JSON.stringify(this[part]) === JSON.stringify(value)) return;
    this[part] = value;
    const isRenamed = (part === "people" || part === "channels") && this.#learnNames();
    this.#tell(part);
    if (isRenamed) this.#tell("names");
  }

  upsert(message) {
    if (this.#isHidden(message)) return;
    this.#tell("message", { message, isNew: this.#put(message) });
  }

  remove({ channel, ts }) {
    const message = this.conversation(channel).take(ts);
    if (message) this.#tell("gone", { channel, ts, thread: threadOf(message) });
  }

  /** Takes away a message that only this person sees; Slack does so without telling anybody. */
  dismiss(channel, ts) {
    this.#dismissed.add(`${channel} ${ts}`);
    tab.set("dismissed", [...this.#dismissed]);
    this.remove({ channel, ts });
  }

  conversation(channel) {
    if (!this.#conversations.has(channel)) this.#conversations.set(channel, new Conversation());
    return this.#conversations.get(channel);
  }

  message(channel, ts) {
    return this.conversation(channel).messages.get(ts);
  }

  /** The messages at the top of a conversation, or with `parent` the replies to that one, oldest first. */
  messages(channel, parent = null) {
    const conversation = this.conversation(channel);
    const list = parent ? (conversation.threads.get(parent) ?? []) : conversation.top;
    return list.map((ts) => conversation.messages.get(ts));
  }

  /** An account, with its `place` among all of them. */
  user(id) {
    return this.#users.get(id);
  }

  channel(id) {
    return this.channels.find((channel) => channel.id === id);
  }

  name(id) {
    return this.#names.get(id);
  }

  /** The app's direct messages with this person, if there are any. */
  appConversation() {
    const app = this.app();
    return this.channels.find((channel) => channel.kind === "im" && channel.with === app?.id) ?? null;
  }

  app() {
    return this.people.find((person) => person.is_bot && person.id !== SLACKBOT) ?? null;
  }

  #put(message) {
    return !this.#isHidden(message) && this.conversation(message.channel).put(message);
  }

  /** The server sends nobody what another person alone may see; if it ever did, it would stay unseen here. */
  #isHidden(message) {
    const isAnothers = message.to !== null && message.to !== undefined && message.to !== this.me;
    return isAnothers || this.#dismissed.has(`${message.channel} ${message.ts}`);
  }

  /** Answers whether anything is called differently now. */
  #learnNames() {
    const before = JSON.stringify([...this.#names]);
    this.#users = new Map(this.people.map((person, place) => [person.id, { ...person, place }]));
    this.#names = new Map([...this.people, ...this.channels].map((each) => [each.id, each.name]));
    return JSON.stringify([...this.#names]) !== before;
  }

  #tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
