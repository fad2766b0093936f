// Puts the page together: what the stream tells goes into the store, and from there to whoever shows it.

import { Announcer } from "./announce.js";
import { Attention } from "./attention.js";
import { BotStrip } from "./botbox.js";
import { Contexts } from "./context.js";
import { Conversation } from "./conversation.js";
import { write } from "./dom.js";
import { element } from "./element.js";
import { firstPlace } from "./hint.js";
import { icon } from "./icons.js";
import { Layout } from "./layout.js";
import { tab } from "./memory.js";
import { messageOf, openBeside } from "./links.js";
import { Modal } from "./modal.js";
import { Panel } from "./panel.js";
import { Side } from "./side.js";
import { Sidebar } from "./sidebar.js";
import { Store, threadOf } from "./store.js";
import { Stream } from "./stream.js";
import { Thread } from "./thread.js";
import { Unread } from "./unread.js";

const WITH_MOUSE = matchMedia("(hover: hover) and (pointer: fine)");
const AWS_PARTS = ["aws", "bot", "faults"];

class App {
  #store = new Store();
  #unread = new Unread(this.#store);
  #attention = new Attention(this.#store);
  #announcer = new Announcer(document.getElementById("announcer"));
  #contexts = new Contexts({
    store: this.#store,
    acted: (surface) => this.#attention.clicked(surface),
    openLink: (link) => this.#openLink(link),
  });
  #here = null;
  #stream = new Stream({
    heard: (part, data) => this.#heard(part, data),
    connected: (isConnected) => this.#showConnection(isConnected),
  });
  #sidebar;
  #conversation;
  #thread;
  #panel;
  #side;
  #modal;
  #strip;
  #layout;
  #stageButton;

  start() {
    this.#build();
    this.#listen();
    const asked = new URLSearchParams(location.search).get("as");
    this.#stream.follow(asked ?? tab.get("person", null));
  }

  #build() {
    const [store, contexts] = [this.#store, this.#contexts];
    const [sidebar, main, sideColumn] = ["sidebar", "main", "side"].map((id) => document.getElementById(id));
    const say = (words) => this.#announcer.say(words);
    this.#layout = new Layout({ sidebar, main, sideColumn, side: () => this.#side });
    this.#sidebar = new Sidebar({ store, unread: this.#unread, switched: (person) => this.#become(person) });
    this.#thread = new Thread({ store, contexts, say });
    this.#panel = new Panel({ store });
    this.#strip = new BotStrip({ store });
    this.#stageButton = this.#makeStageButton();
    this.#side = new Side({
      node: sideColumn,
      thread: this.#thread,
      panel: this.#panel,
      changed: () => this.#sideChanged(),
    });
    this.#conversation = new Conversation({
      store,
      contexts,
      say,
      openThread: (channel, parent) => this.#openThread(channel, parent),
      sent: ({ channel }, line) => line.startsWith("/") && this.#attention.asked(channel),
      go: (here) => this.#go(here),
      strip: this.#strip.node,
      menu: this.#layout.menu,
      stage: this.#stageButton,
    });
    this.#modal = new Modal({ store, contexts });
    sidebar.append(this.#sidebar.node);
    main.append(this.#conversation.node);
    document.body.append(this.#modal.node);
  }

  #listen() {
    const store = this.#store;
    store.on("hello", (detail) => this.#begin(detail));
    store.on("message", (detail) => this.#message(detail));
    store.on("gone", (detail) => this.#gone(detail));
    store.on("people", () => this.#look());
    store.on("names", () => this.#renamed());
    store.on("channels", () => this.#moved());
    store.on("modal", () => this.#modal.refresh());
    store.on("home", () => this.#conversation.refreshHome());
    for (const part of AWS_PARTS) store.on(part, () => this.#backstage(part));
    addEventListener("hashchange", () => this.#route());
    document.addEventListener("visibilitychange", () => this.#look());
    document.getElementById("sidebar").addEventListener("click", (event) => this.#clicked(event));
    document.getElementById("skip").addEventListener("click", () => this.#conversation.focus());
  }

  #heard(part, data) {
    if (part === "hello") this.#store.replace(data);
    else if (part === "message") this.#store.upsert(data);
    else if (part === "gone") this.#store.remove(data);
    else this.#store.set(part, data);
  }

  /** Everything came: at first, after a break, or for another person. */
  #begin({ isOther }) {
    const isFirst = this.#here === null;
    document.body.classList.remove("is-loading");
    tab.set("person", this.#store.me);
    this.#unread.begin();
    const here = this.#wanted();
    if (isOther || here !== this.#here) this.#show(here);
    else this.#conversation.refresh();
    this.#thread.refresh({ isOther });
    this.#panel.begin();
    this.#side.offerStage(this.#panel.isThere);
    this.#stageButton.hidden = !this.#panel.isThere;
    this.#strip.refresh();
    this.#modal.refresh();
    if (isFirst) this.#openSide();
    this.#look();
  }

  /** What the address asks for, if there is such a place for this person. */
  #wanted() {
    const asked = decodeURIComponent(location.hash.slice(1));
    if (asked === "home" && this.#store.app()) return "home";
    return this.#store.channel(asked)?.id ?? firstPlace(this.#store.channels)?.id ?? "home";
  }

  #route() {
    if (!this.#store.me) return;
    this.#layout.closeDrawer();
    const here = this.#wanted();
    if (here !== this.#here) this.#show(here);
    this.#look();
  }

  /** Whoever chooses a conversation with the mouse goes on by typing. */
  #clicked(event) {
    const isMouse = event.detail > 0 && WITH_MOUSE.matches;
    if (isMouse && event.target.closest(".sidebar-link")) requestAnimationFrame(() => this.#conversation.focus());
  }

  #go(here) {
    location.hash = here;
  }

  /** `isNew` makes it a step that the browser's Back undoes. */
  #show(here, { isNew = false } = {}) {
    this.#here = here;
    const address = `?as=${encodeURIComponent(this.#store.me)}#${here}`;
    history[isNew ? "pushState" : "replaceState"](null, "", address);
    this.#conversation.show(here);
  }

  /** The person at the keyboard sees what is in front of her. */
  #look() {
    if (!this.#store.me) return;
    if (!document.hidden && this.#here) this.#unread.seen(this.#here);
    const hasNews = this.#sidebar.hasNews(this.#here);
    this.#sidebar.refresh(this.#here);
    this.#layout.tell({ person: this.#store.user(this.#store.me), isNews: hasNews });
    const title = `${hasNews ? "• " : ""}${this.#conversation.title} · ${this.#store.team.name}, the sandbox`;
    if (document.title !== title) document.title = title;
  }

  #become(person) {
    this.#stream.follow(person);
  }

  #message(detail) {
    this.#conversation.heard(detail);
    this.#conversation.refreshHint();
    this.#thread.heard(detail);
    this.#followThread(detail);
    this.#announce(detail);
    this.#look();
  }

  #gone(detail) {
    this.#conversation.left(detail);
    this.#thread.left(detail);
    this.#look();
  }

  /** A thread that this person waits for opens by itself, but not over what she looks at or works in. */
  #followThread(detail) {
    const parent = this.#attention.threadToOpen(detail);
    const { channel } = detail.message;
    if (!parent || channel !== this.#here || this.#layout.isSheet || this.#side.hasFocus) return;
    this.#thread.open(channel, parent);
    this.#side.open("thread");
  }

  #announce({ message, isNew }) {
    const isHere = message.channel === this.#here;
    if (!isHere || message.user === this.#store.me) return;
    const author = this.#store.name(message.user) ?? message.user;
    const where = threadOf(message) ? `${author} in a thread` : author;
    const surface = { channel: message.channel, ts: message.ts };
    this.#announcer.message(where, message, isNew, this.#contexts.of(surface));
  }

  #renamed() {
    this.#conversation.rebuild();
    this.#thread.rebuild();
    this.#look();
  }

  #moved() {
    this.#conversation.refreshHead();
    this.#route();
  }

  #backstage(part) {
    this.#panel.refresh(part);
    this.#strip.refresh();
    this.#conversation.refreshHint();
  }

  #openThread(channel, parent) {
    this.#thread.open(channel, parent);
    this.#side.open("thread");
    if (!this.#layout.isSheet) this.#thread.focus();
    else this.#side.focus();
  }

  /** A link to a message that this person can read leads there. */
  #openLink(link) {
    const found = messageOf(link);
    const message = found && this.#store.message(found.channel, found.ts);
    if (!message) {
      openBeside(link);
      return;
    }
    if (found.channel !== this.#here) {
      this.#show(found.channel, { isNew: true });
      this.#look();
    }
    const parent = threadOf(message);
    if (parent) this.#openThread(found.channel, parent);
    else this.#conversation.reveal(found.ts);
  }

  #openSide() {
    if (this.#panel.isThere && this.#layout.isWide && tab.get("side", true)) this.#side.open("stage");
    else this.#side.close();
  }

  #toggleStage() {
    const isShown = this.#side.isOpen && this.#side.tab === "stage";
    if (isShown) this.#side.close();
    else this.#side.open("stage");
    if (!isShown && this.#layout.isSheet) this.#side.focus();
  }

  #sideChanged() {
    this.#layout.refresh();
    if (this.#layout.isWide) tab.set("side", this.#side.isOpen);
    const isShown = this.#side.isOpen && this.#side.tab === "stage";
    this.#stageButton.setAttribute("aria-expanded", String(isShown));
  }

  #makeStageButton() {
    return element(
      "button",
      { type: "button", class: "shell-button stage-button", onclick: () => this.#toggleStage() },
      icon("stage"),
      element("span", {}, "Behind the scenes"),
    );
  }

  #showConnection(isConnected) {
    const bar = document.getElementById("connection");
    bar.hidden = isConnected;
    write(bar, isConnected ? "" : "Reconnecting…");
  }
}

new App().start();
