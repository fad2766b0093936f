// The middle column: one conversation, or the app's Home tab, under its header.

import { Composer } from "./composer.js";
import { write } from "./dom.js";
import { element } from "./element.js";
import { Hint } from "./hint.js";
import { Home } from "./home.js";
import { icon } from "./icons.js";
import { MessageList } from "./messages.js";
import { Tabs } from "./tabs.js";

const SYMBOLS = { public: "channel", private: "lock", shared: "shared" };

export class Conversation {
  #store;
  #go;
  #here = null;
  #home;
  #list;
  #composer;
  #hint;
  #sign = element("span", { class: "head-sign" });
  #title = element("h1", { class: "head-title" });
  #appTabs;
  #page = element("div", { class: "conversation-page" });
  #readOnly = element("p", { class: "composer-closed", hidden: true });
  #foot;

  /** `go(here)` opens another place; `menu` and `stage` are the buttons at either end of the header. */
  constructor({ store, contexts, openThread, say, sent, go, strip, menu, stage }) {
    this.#store = store;
    this.#go = go;
    this.#home = new Home({ store, contexts });
    this.#list = new MessageList({ store, contexts, openThread });
    const told = (place, line) => {
      this.#hint.sent(line);
      sent(place, line);
    };
    this.#composer = new Composer({ store, id: "composer", say, sent: told });
    this.#hint = new Hint({ store, fill: (line) => this.#composer.fill(line) });
    this.#appTabs = this.#tabs();
    const head = element("header", { class: "head" }, menu, this.#sign, this.#title, this.#appTabs.node, stage);
    this.#foot = element("div", { class: "foot" }, this.#hint.node, this.#composer.node, this.#readOnly);
    this.#page.append(this.#list.node, this.#foot);
    this.node = element("div", { class: "conversation" }, head, strip, this.#page, this.#home.node);
  }

  /** Opens a place from its end: the id of a conversation, or "home". */
  show(here) {
    this.#here = here;
    this.refreshHead();
    if (here === "home") {
      this.#list.show(null, { label: "Messages", empty: null });
      this.#home.open();
      return;
    }
    const label = this.#label();
    this.#composer.show(here ? { channel: here } : null, label ? `Message ${label}` : "Message");
    this.#list.show(here ? { channel: here, parent: null } : null, {
      label: `Messages in ${label}`,
      empty: element("p", {}, `This is the very beginning of ${label}.`),
    });
  }

  /** Brings everything to what the store says, and keeps where one has scrolled to. */
  refresh() {
    this.refreshHead();
    if (this.#here === "home") this.#home.refresh();
    else this.#list.refresh();
  }

  refreshHome() {
    if (this.#here === "home") this.#home.refresh();
  }

  refreshHead() {
    const { channel, isApp } = this.#what();
    const kind = channel?.kind;
    this.#sign.replaceChildren(...(!isApp && SYMBOLS[kind] ? [icon(SYMBOLS[kind])] : []));
    write(this.#title, isApp ? this.#store.app().name : (this.#store.user(channel?.with)?.name ?? channel?.name ?? ""));
    this.#appTabs.node.hidden = !isApp;
    this.#appTabs.offer("app-messages", this.#store.appConversation() !== null);
    if (isApp) this.#appTabs.choose(this.#here === "home" ? "app-home" : "app-messages");
    this.#page.hidden = this.#here === "home";
    this.#home.node.hidden = this.#here !== "home";
    this.#close(channel);
    this.#hint.refresh(this.#here);
  }

  refreshHint() {
    this.#hint.refresh(this.#here);
  }

  rebuild() {
    this.#list.rebuild();
  }

  heard(detail) {
    this.#list.heard(detail);
  }

  left(detail) {
    this.#list.left(detail);
  }

  /** Brings one of the messages into view, and to the one who reads. */
  reveal(ts) {
    this.#list.reveal(ts);
  }

  focus() {
    this.#composer.focus();
  }

  /** How the place is called in a window's title. */
  get title() {
    const { isApp } = this.#what();
    return isApp ? this.#store.app().name : this.#label();
  }

  #what() {
    const channel = this.#store.channel(this.#here) ?? null;
    const mine = this.#store.appConversation();
    return { channel, isApp: this.#here === "home" || (channel !== null && channel.id === mine?.id) };
  }

  #label() {
    const channel = this.#store.channel(this.#here);
    if (!channel) return "";
    return channel.kind === "im" ? (this.#store.user(channel.with)?.name ?? channel.name) : `#${channel.name}`;
  }

  /** Where one can't write, words say why. */
  #close(channel) {
    const why = whyClosed(channel);
    this.#composer.node.hidden = Boolean(why);
    this.#readOnly.hidden = !why;
    write(this.#readOnly, why);
  }

  #tabs() {
    return new Tabs({
      label: "The app",
      tabs: [
        { id: "app-home", label: "Home", panel: this.#home.node },
        { id: "app-messages", label: "Messages", panel: this.#page },
      ],
      chosen: (tab) => this.#go(tab === "app-home" ? "home" : (this.#store.appConversation()?.id ?? "home")),
    });
  }
}

function whyClosed(channel) {
  if (!channel) return "";
  if (channel.is_archived) return "This channel is archived: nobody can write here any more.";
  return channel.is_member ? "" : "You are not a member of this channel. You can read along.";
}
