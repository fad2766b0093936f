// The left column: the workspace, who one is, and where one can go.

import { avatar } from "./avatar.js";
import { Keyed, write } from "./dom.js";
import { element } from "./element.js";
import { icon } from "./icons.js";
import { PeopleSwitch } from "./people.js";
import { themeSwitch } from "./themes.js";

const SYMBOLS = { public: "channel", private: "lock", shared: "shared" };

export class Sidebar {
  #store;
  #unread;
  #team = element("b", { class: "sidebar-team" });
  #people;
  #sections;

  constructor({ store, unread, switched }) {
    this.#store = store;
    this.#unread = unread;
    this.#people = new PeopleSwitch({ store, switched });
    this.#sections = ["Channels", "Private channels", "Direct messages", "Apps"].map((title) => new Section(title));
    const places = element("nav", { class: "sidebar-places", "aria-label": "Conversations" });
    places.append(...this.#sections.map(({ node }) => node));
    this.node = element(
      "div",
      { class: "sidebar-column" },
      element("header", { class: "sidebar-head" }, this.#team, element("span", { class: "sidebar-kind" }, "sandbox")),
      this.#people.node,
      places,
      footer(),
    );
  }

  /** `here` is the id of the conversation that is open, or "home". */
  refresh(here) {
    write(this.#team, this.#store.team.name);
    this.#people.refresh();
    const channels = this.#store.channels.filter((channel) => !this.#isApps(channel));
    const shown = [
      channels.filter(({ kind }) => kind === "public" || kind === "shared").map((each) => this.#place(each, here)),
      channels.filter(({ kind }) => kind === "private").map((each) => this.#place(each, here)),
      channels.filter(({ kind }) => kind === "im").map((each) => this.#place(each, here)),
      this.#apps(here),
    ];
    this.#sections.forEach((section, index) => section.show(shown[index]));
  }

  /** Whether anything anywhere is unread: for the button that opens this column where it is hidden. */
  hasNews(here) {
    return this.#store.channels.some(({ id }) => id !== here && this.#unread.has(id));
  }

  #isApps(channel) {
    return channel.id === this.#store.appConversation()?.id;
  }

  #place(channel, here) {
    return {
      id: channel.id,
      name: this.#titleOf(channel),
      symbol: SYMBOLS[channel.kind] ?? null,
      person: channel.kind === "im" ? (this.#store.user(channel.with) ?? null) : null,
      isHere: channel.id === here,
      isUnread: channel.id !== here && this.#unread.has(channel.id),
      isFaint: channel.is_archived || !channel.is_member,
    };
  }

  #titleOf(channel) {
    return (channel.kind === "im" && this.#store.user(channel.with)?.name) || channel.name;
  }

  #apps(here) {
    const app = this.#store.app();
    const conversation = this.#store.appConversation();
    if (!app) return [];
    const isHere = here === "home" || (conversation !== null && here === conversation.id);
    const isUnread = !isHere && conversation !== null && this.#unread.has(conversation.id);
    const id = conversation ? conversation.id : "home";
    return [{ id, name: app.name, symbol: null, person: app, isHere, isUnread, isFaint: false }];
  }
}

class Section {
  #list;
  #rows = element("ul", { class: "sidebar-list", role: "list" });

  constructor(title) {
    this.node = element("section", { class: "sidebar-section" }, element("h2", { class: "sidebar-title" }, title));
    this.node.append(this.#rows);
    this.#rows.setAttribute("aria-label", title);
    this.#list = new Keyed(this.#rows, { key: ({ id }) => id, make: placeRow });
  }

  show(places) {
    this.node.hidden = places.length === 0;
    this.#list.show(places);
  }
}

function placeRow(place) {
  const name = element("span", { class: "sidebar-name" });
  const news = element("span", { class: "sidebar-news" }, element("span", { class: "only-read" }, "new messages"));
  const sign = place.person ? avatar(place.person) : place.symbol && icon(place.symbol);
  const link = element(
    "a",
    { class: "sidebar-link", href: `#${place.id}`, "data-channel": place.id },
    sign,
    name,
    news,
  );
  return {
    node: element("li", {}, link),
    update: ({ name: title, isHere, isUnread, isFaint }) => {
      write(name, title);
      news.hidden = !isUnread;
      link.classList.toggle("is-unread", isUnread);
      link.classList.toggle("is-faint", isFaint);
      if (isHere) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    },
  };
}

function footer() {
  const gallery = element("a", { class: "sidebar-gallery", href: "/gallery" }, "Every message of the bot");
  return element("footer", { class: "sidebar-foot" }, themeSwitch(), gallery);
}
