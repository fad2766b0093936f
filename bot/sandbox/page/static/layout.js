// Which columns are to be seen: beside each other on a wide window, one at a time on a phone.

import { avatar } from "./avatar.js";
import { element } from "./element.js";
import { icon } from "./icons.js";

const DRAWER = matchMedia("(max-width: 960px)"); // the same widths as in shell.css
const SHEET = matchMedia("(max-width: 700px)");

export class Layout {
  #sidebar;
  #main;
  #side;
  #sideColumn;
  #shade = element("div", { class: "shade", hidden: true });
  #isDrawerOpen = false;
  #menu;
  #person = element("span", { class: "menu-person" });
  #news = element("span", { class: "menu-news", hidden: true });

  /** `side()` is the right column; its element is `sideColumn`. */
  constructor({ sidebar, main, sideColumn, side }) {
    this.#sidebar = sidebar;
    this.#main = main;
    this.#sideColumn = sideColumn;
    this.#side = side;
    this.#menu = this.#menuButton();
    document.body.append(this.#shade);
    this.#shade.addEventListener("click", () => this.closeDrawer());
    document.addEventListener("keydown", (event) => this.#pressed(event));
    for (const query of [DRAWER, SHEET]) query.addEventListener("change", () => this.refresh());
  }

  /** The button that opens the sidebar where it is a drawer. */
  get menu() {
    return this.#menu;
  }

  /** Whether the right column covers everything. */
  get isSheet() {
    return SHEET.matches;
  }

  /** Whether there is room for the right column without being asked for it. */
  get isWide() {
    return !DRAWER.matches;
  }

  /** What the button says while the sidebar is out of sight: who one is, and whether there is news. */
  tell({ person, isNews }) {
    this.#news.hidden = !isNews;
    this.#menu.setAttribute("aria-label", `Menu, you are ${person.name}${isNews ? ", new messages" : ""}`);
    if (this.#person.dataset.person === person.id) return;
    this.#person.dataset.person = person.id;
    this.#person.replaceChildren(avatar(person));
  }

  openDrawer() {
    this.#isDrawerOpen = true;
    this.refresh();
    (this.#sidebar.querySelector("[aria-current]") ?? this.#sidebar.querySelector("input, a"))?.focus();
  }

  closeDrawer() {
    if (!this.#isDrawerOpen) return;
    this.#isDrawerOpen = false;
    this.refresh();
    this.#menu.focus();
  }

  /** What is covered can't be reached by keyboard either. */
  refresh() {
    const isDrawer = DRAWER.matches;
    if (!isDrawer) this.#isDrawerOpen = false;
    const isCovered = SHEET.matches && this.#side().isOpen;
    this.#sidebar.classList.toggle("is-open", this.#isDrawerOpen);
    this.#sidebar.inert = isDrawer && !this.#isDrawerOpen;
    this.#main.inert = this.#isDrawerOpen || isCovered;
    this.#sideColumn.inert = this.#isDrawerOpen;
    this.#shade.hidden = !this.#isDrawerOpen;
    this.#menu.setAttribute("aria-expanded", String(this.#isDrawerOpen));
  }

  #menuButton() {
    const attributes = {
      type: "button",
      class: "shell-square menu-button",
      "aria-label": "Menu",
      onclick: () => this.openDrawer(),
    };
    return element("button", attributes, icon("menu"), this.#person, this.#news);
  }

  #pressed(event) {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (this.#isDrawerOpen) this.closeDrawer();
    else if (this.#sideColumn.contains(event.target)) this.#side().close();
  }
}
