// Makes elements. Text only ever becomes text nodes, never markup.

/** Makes an element: `on…` attributes are listeners, null, undefined and false ones are left out. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

let counted = 0;

/** An id that no other element of the page has, for labels and descriptions. */
export function newId(kind) {
  counted += 1;
  return `${kind}-${counted}`;
}

/** The address if it is one that may be opened: http, https or mailto; else null. */
export function safeUrl(written) {
  try {
    const url = new URL(written);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that opens beside the page; `context.openLink` may take it over. */
export function link(href, context, attributes, ...children) {
  const opened = (event) => {
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!context.openLink || !isPlain) return;
    event.preventDefault();
    context.openLink(href);
  };
  const beside = { href, target: "_blank", rel: "noopener noreferrer", onclick: opened };
  return element("a", { ...beside, ...attributes }, ...children);
}

/** What a table says of this kind, or else of none: kinds come from outside, and may be called `constructor`. */
export function lookUp(table, kind, otherwise) {
  return Object.hasOwn(table, kind) ? table[kind] : otherwise;
}
