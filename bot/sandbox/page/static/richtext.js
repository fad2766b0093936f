// Rich text blocks: sections, lists, quotes and code, with everything that stands in a line.
// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

import { dateElement } from "./dates.js";
import { element, link, lookUp, safeUrl } from "./element.js";
import { emojiElement, mentionElement } from "./mrkdwn.js";

const DEEPEST = 8; // a list's indent
const STYLES = { bold: "strong", italic: "em", strike: "s", underline: "u", highlight: "mark", code: "code" };
const HEX = /^#[0-9a-f]{3,8}$/i;

const PARTS = {
  text: ({ text }) => broken(text ?? ""),
  link: ({ url, text }, context) => {
    const href = safeUrl(url);
    return [href ? link(href, context, {}, text || url) : (text ?? url ?? "")];
  },
  emoji: ({ name = "", skin_tone: tone, unicode }) => [emojiElement(name, tone, characters(unicode))],
  user: ({ user_id: id = "" }, context) => [mentionElement("user", context.name?.(id) ?? id, id === context.me)],
  usergroup: ({ usergroup_id: id = "" }, context) => [mentionElement("group", context.name?.(id) ?? id)],
  team: ({ team_id: id = "" }, context) => [mentionElement("group", context.name?.(id) ?? id)],
  channel: ({ channel_id: id = "" }, context) => [mentionElement("channel", context.name?.(id) ?? id)],
  broadcast: ({ range = "" }) => [mentionElement("broadcast", range)],
  color: ({ value = "" }) => [...swatch(value), value],
  date: ({ timestamp, format = "", fallback, url }, context) => {
    const date = dateElement(timestamp ?? "", format, fallback ?? format);
    const href = safeUrl(url);
    return [href ? link(href, context, {}, date) : date];
  },
};

const ELEMENTS = {
  rich_text_section: (part, context) =>
    element("div", { class: "rich-section", dir: "auto" }, ...inline(part, context)),
  rich_text_quote: (part, context) => element("blockquote", { dir: "auto" }, ...inline(part, context)),
  rich_text_preformatted: (part, context) =>
    element("pre", { dir: "auto" }, element("code", {}, ...inline(part, context))),
  rich_text_list: list,
};

/** A rich text block; an element of a kind that is not known is left to `unknown(element)`. */
export function renderRichText(block, context, unknown) {
  const made = (block.elements ?? []).map((part) => lookUp(ELEMENTS, part.type, unknown)(part, context));
  return element("div", { class: "rich-text" }, ...made);
}

function list({ style, indent = 0, offset = 0, border, elements = [] }, context) {
  const depth = Math.min(Math.max(Number(indent) || 0, 0), DEEPEST);
  const isOrdered = style === "ordered";
  const classes = `rich-list is-indent-${depth} is-sign-${depth % 3}${border ? " has-border" : ""}`;
  const start = isOrdered && offset ? Number(offset) + 1 : null;
  const items = elements.map((item) => element("li", { dir: "auto" }, ...inline(item, context)));
  return element(isOrdered ? "ol" : "ul", { class: classes, start }, ...items);
}

function inline({ elements = [] }, context) {
  return elements.flatMap((part) => styled(part.style, lookUp(PARTS, part.type, unknownPart)(part, context)));
}

function unknownPart(part) {
  return [element("span", { class: "not-shown-part", title: JSON.stringify(part) }, `[${part.type ?? "?"}]`)];
}

function styled(style, nodes) {
  const tags = Object.keys(STYLES).filter((name) => style?.[name]);
  return tags.reduceRight((inner, name) => [element(STYLES[name], {}, ...inner)], nodes);
}

function broken(text) {
  return String(text)
    .split(/(\n)/)
    .map((part) => (part === "\n" ? element("br") : document.createTextNode(part)));
}

/** Characters by their numbers, as `1f469-200d-1f4bb`; undefined where these are none. */
function characters(unicode) {
  try {
    return unicode && String.fromCodePoint(...unicode.split("-").map((number) => Number.parseInt(number, 16)));
  } catch {
    return undefined;
  }
}

function swatch(value) {
  if (!HEX.test(value)) return [];
  const made = element("span", { class: "swatch", "aria-hidden": "true" });
  made.style.backgroundColor = value;
  return [made];
}
