// "Behind the scenes": the bot, the Lightsail account, and what a visitor can do to them.

import { BotBox } from "./botbox.js";
import { write } from "./dom.js";
import { element } from "./element.js";
import { Lightsail } from "./lightsail.js";
import { Mischief } from "./mischief.js";
import { Tabs } from "./tabs.js";

const TICK_MILLISECONDS = 20_000;

export class Panel {
  #store;
  #bot;
  #lightsail;
  #mischief;
  #tabs;
  #trouble = element("p", { class: "stage-trouble", role: "alert", hidden: true });

  constructor({ store }) {
    this.#store = store;
    const failed = (words) => this.#fail(words);
    this.#bot = new BotBox({ store, failed });
    this.#lightsail = new Lightsail({ store, failed });
    this.#mischief = new Mischief({ store, failed });
    this.#tabs = new Tabs({
      label: "What is behind the scenes",
      tabs: [
        { id: "lightsail", label: "Lightsail", panel: this.#lightsail.node },
        { id: "mischief", label: "Try to break it", panel: this.#mischief.node },
      ],
    });
    const pages = element("div", { class: "stage-pages", tabindex: "-1" }, this.#lightsail.node, this.#mischief.node);
    this.node = element("section", { class: "stage" }, this.#bot.node, this.#tabs.node, this.#trouble, pages);
    setInterval(() => this.#tick(), TICK_MILLISECONDS);
  }

  /** Whether there is anything to be seen here. */
  get isThere() {
    const { aws, bot, faults } = this.#store;
    return Boolean(aws || bot || faults.length);
  }

  /** Everything came anew: nothing of it is news. */
  begin() {
    this.#lightsail.refresh({ isFirst: true });
    this.#offer();
    this.#bot.refresh();
    this.#refreshMischief();
  }

  refresh(part) {
    if (part === "bot") this.#bot.refresh();
    else if (part === "faults") this.#refreshMischief();
    else {
      this.#lightsail.refresh();
      this.#refreshMischief();
    }
  }

  #offer() {
    const { aws, faults } = this.#store;
    this.#tabs.offer("lightsail", Boolean(aws));
    this.#tabs.offer("mischief", Boolean(aws || faults.length));
    if (!aws) this.#tabs.choose("mischief");
  }

  #refreshMischief() {
    this.#mischief.refresh();
    const { armed } = this.#mischief;
    this.#tabs.name("mischief", armed ? `Try to break it (${armed})` : "Try to break it");
  }

  #tick() {
    this.#bot.tick();
    this.#lightsail.tick();
  }

  #fail(words) {
    this.#trouble.hidden = !words;
    write(this.#trouble, words);
  }
}
