// The process of the bot: how it is, and what a visitor may do to it.

import { post } from "./api.js";
import { age } from "./ages.js";
import { flash, write } from "./dom.js";
import { element } from "./element.js";
import { pressable } from "./press.js";

const STATES = { running: "Running", starting: "Starting", stopped: "Stopped" };
const MODES = { http: "HTTP", socket: "Socket Mode" };

/** The box at the head of "Behind the scenes". */
export class BotBox {
  #store;
  #state = element("span", { class: "mood" });
  #since = element("span", { class: "stage-faint" });
  #kill;
  #start;

  constructor({ store, failed }) {
    this.#store = store;
    this.#kill = pressable({ label: "Kill (-9)", looks: "is-danger", act: () => post("bot", { do: "kill" }), failed });
    this.#start = pressable({ label: "Start", looks: "is-primary", act: () => post("bot", { do: "start" }), failed });
    this.node = element(
      "section",
      { class: "botbox", "aria-label": "The bot" },
      element("h2", { class: "botbox-title" }, "The bot"),
      this.#state,
      this.#since,
      element("span", { class: "botbox-buttons" }, this.#kill, this.#start),
    );
  }

  refresh() {
    const { bot } = this.#store;
    this.node.hidden = !bot;
    if (!bot) return;
    const words = STATES[bot.state] ?? bot.state;
    if (this.#state.textContent && this.#state.textContent !== words) flash(this.node);
    write(this.#state, words);
    this.#state.dataset.mood = { running: "good", stopped: "bad" }[bot.state] ?? "busy";
    this.#kill.hidden = bot.state === "stopped";
    this.#start.hidden = bot.state !== "stopped";
    this.tick();
  }

  /** Time passes. */
  tick() {
    const { bot } = this.#store;
    if (!bot) return;
    const since = age(bot.since);
    write(this.#since, `${since === "just now" ? since : `for ${since}`} · ${MODES[bot.mode] ?? bot.mode}`);
  }
}

/** The strip across the conversation while there is nobody to answer. */
export class BotStrip {
  #store;
  #words = element("span");
  #start;
  node;

  constructor({ store }) {
    this.#store = store;
    const failed = (words) => words && write(this.#words, words);
    const act = () => post("bot", { do: "start" });
    this.#start = pressable({ label: "Start it", looks: "is-small", act, failed });
    this.node = element("div", { class: "strip", role: "status", hidden: true }, this.#words, this.#start);
  }

  refresh() {
    const state = this.#store.bot?.state ?? "running";
    this.node.hidden = state === "running";
    this.#start.hidden = state !== "stopped";
    write(this.#words, state === "stopped" ? "The bot is not running." : "The bot is starting.");
  }
}
