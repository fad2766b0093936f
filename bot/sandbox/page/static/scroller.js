// What scrolls around a list: stays at the end while one is there, and otherwise tells how much is new below.

import { write } from "./dom.js";
import { element } from "./element.js";
import { icon } from "./icons.js";

const NEAR_PIXELS = 48; // this close to the end counts as at the end
const KEEPS_PLACE = CSS.supports("overflow-anchor", "auto"); // whether rows that come above move nothing

export class Scroller {
  #region = element("div", { class: "messages-scroller", tabindex: "0", role: "region" });
  #pill = element("button", { type: "button", class: "messages-pill", hidden: true }, element("span"), icon("down"));
  #isAtEnd = true;
  #endedAt = -1; // where the last movement to the end led
  #news = 0;
  node = element("div", { class: "messages" }, this.#region, this.#pill);

  constructor(...content) {
    this.#region.append(...content);
    this.#setAtEnd(true);
    this.#pill.addEventListener("click", () => this.toEnd());
    this.#region.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // Rows get their real height only when they come into view, so the end moves by itself, too.
    const watcher = new ResizeObserver(() => this.#stay());
    for (const each of [this.#region, ...content]) watcher.observe(each);
  }

  name(label) {
    this.#region.setAttribute("aria-label", label);
  }

  get isAtEnd() {
    return this.#isAtEnd;
  }

  toEnd() {
    this.#setAtEnd(true);
    this.#stay();
  }

  /** One more is below. */
  addNews() {
    this.#tell(this.#news + 1);
  }

  /** Lets `change` put rows above what is in view, which stays in view. */
  above(change) {
    const { scrollHeight, scrollTop } = KEEPS_PLACE ? {} : this.#region;
    change();
    if (!KEEPS_PLACE) this.#region.scrollTop = scrollTop + this.#region.scrollHeight - scrollHeight;
  }

  #stay() {
    if (!this.#isAtEnd) return;
    this.#region.scrollTop = this.#region.scrollHeight;
    this.#endedAt = this.#region.scrollTop;
  }

  /** The event of a movement to the end may come when the end is elsewhere already: that is nobody's wish to leave. */
  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#region;
    const isOurs = this.#isAtEnd && Math.abs(scrollTop - this.#endedAt) < 1;
    this.#setAtEnd(isOurs || scrollHeight - scrollTop - clientHeight < NEAR_PIXELS);
  }

  /** At the end nobody but this moves what is in view; elsewhere the browser keeps it in place. */
  #setAtEnd(isAtEnd) {
    this.#isAtEnd = isAtEnd;
    this.#region.classList.toggle("is-at-end", isAtEnd);
    if (isAtEnd) this.#tell(0);
  }

  #tell(count) {
    if (count === this.#news) return;
    this.#news = count;
    this.#pill.hidden = count === 0;
    write(this.#pill.firstChild, `${count} new ${count === 1 ? "message" : "messages"}`);
  }
}
