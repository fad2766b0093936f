// Keeps what is on the page equal to what is known, and touches nothing else.

const SHAPES = "http://www.w3.org/2000/svg";

/** Makes an SVG element. */
export function shape(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SHAPES, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Writes text only where it differs: an unchanged text node keeps a reader's selection. */
export function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/**
 * Keeps the children of one parent equal to a list of items, by key.
 *
 * `key(item)` names an item; `make(item)` returns `{node, update(item, previous)}`. A part whose item is the same JSON
 * as before is not touched, and a node is moved only if its place changed, so that focus and scrolling stay.
 */
export class Keyed {
  #parent;
  #key;
  #make;
  #parts = new Map();

  constructor(parent, { key, make }) {
    this.#parent = parent;
    this.#key = key;
    this.#make = make;
  }

  show(items) {
    const keys = items.map(this.#key);
    this.#leaveOnly(new Set(keys));
    let place = this.#parent.firstChild;
    items.forEach((item, index) => {
      const node = this.#updated(keys[index], item);
      if (node === place) place = place.nextSibling;
      else this.#parent.insertBefore(node, place);
    });
  }

  #leaveOnly(keys) {
    for (const [key, { part }] of this.#parts) {
      if (keys.has(key)) continue;
      part.node.remove();
      this.#parts.delete(key);
    }
  }

  #updated(key, item) {
    if (!this.#parts.has(key)) this.#parts.set(key, { part: this.#make(item), item: undefined, json: "" });
    const known = this.#parts.get(key);
    const json = JSON.stringify(item);
    if (known.json !== json) {
      known.part.update(item, known.item);
      Object.assign(known, { item, json });
    }
    return known.part.node;
  }
}

const FLASH_MILLISECONDS = 1600;

/** Lets something light up for a moment, because it has just changed. */
export function flash(target) {
  target.classList.remove("shell-flash");
  void target.offsetWidth; // without a layout in between, the animation would not begin anew
  target.classList.add("shell-flash");
  setTimeout(() => target.classList.remove("shell-flash"), FLASH_MILLISECONDS);
}
