// Slack's markup as DOM nodes. https://docs.slack.dev/messaging/formatting-message-text

import { dateElement } from "./dates.js";
import { element, link, safeUrl } from "./element.js";
import { emojiNamed } from "./emoji.js";

// What is found first is taken whole, and nothing in it is a mark. Full-width marks count like the others.
const CODE_BLOCK = "```(?<block>[\\s\\S]+?)```";
const CODE = "(?<![\\p{L}\\p{N}`｀])[`｀](?<code>[^`｀\\n]+)[`｀](?![\\p{L}\\p{N}`｀])";
const TOKEN = "<(?<token>[^<>\\n]+)>";
const EMOJI_NAME = "[+-]1|100|(?=[0-9_'-]{0,80}[a-z])[a-z0-9_'-]{1,80}"; // `:30:` is part of a time
const EMOJI = `:(?<emoji>${EMOJI_NAME})(?:::skin-tone-(?<tone>[2-6]))?:`;
const URL_ITSELF = "(?<![\\p{L}\\p{N}])(?<url>https?://(?:(?!&[lg]t;)[^\\s<>|])+)";
const WHOLE = new RegExp([CODE_BLOCK, CODE, TOKEN, EMOJI, URL_ITSELF].join("|"), "giu");
const AFTER_URL = /[.,:;!?'"”’)\]*_~]+$/u; // such an end belongs to the sentence, not to the address

// Private, and taken out of what is written: each stands for the next thing that was taken whole.
const PLACE = "\ufffc";
const LEAF = /\ufffc|\n|[^\ufffc\n]+/g;
const ONE_EMOJI = new RegExp(`^${EMOJI}$`, "iu");
const PLAIN_PART = new RegExp(`(\\n|:(?:${EMOJI_NAME})(?:::skin-tone-[2-6])?:)`, "iu");

/** A mark opens before a letter or sign and closes after one, and neither touches a word from its other side. */
const span = (name, marks) => {
  const [before, mark, after] = [`(?<![\\p{L}\\p{N}${marks}])`, `[${marks}]`, `(?![\\p{L}\\p{N}${marks}])`];
  return `${before}${mark}(?=[^\\s${marks}])(?<${name}>[^\\n]*?[^\\s${marks}])${mark}${after}`;
};
const MARKED = new RegExp([span("strong", "*＊"), span("em", "_＿"), span("s", "~")].join("|"), "u");

const QUOTE = /^(?:&gt;|>|＞) ?/;
const QUOTE_THE_REST = /^(?:&gt;|>){3} ?/;

/**
 * Mrkdwn as nodes.
 *
 * `context` needs `name(id)` alone. With `verbatim`, addresses without brackets are no links.
 */
export function renderMrkdwn(text, context, { verbatim = false } = {}) {
  const fragment = document.createDocumentFragment();
  fragment.append(...new Writer(context, verbatim).paragraphs(String(text ?? "")));
  return fragment;
}

/** Mrkdwn as text: marks gone, links by their label, mentions by name. */
export function plainText(text, context) {
  return textOf(renderMrkdwn(text, context)).trim();
}

/** A text object of Block Kit, or mere words, as nodes. */
export function renderText(value, context) {
  if (value?.type === "mrkdwn") return renderMrkdwn(value.text, context, { verbatim: value.verbatim });
  const fragment = document.createDocumentFragment();
  fragment.append(...plainNodes(wordsOf(value), hasEmoji(value)));
  return fragment;
}

/** The same as text, for places that take no elements. */
export function renderWords(value, context) {
  return value?.type === "mrkdwn" ? plainText(value.text, context) : textOf(renderText(value, context));
}

/** An emoji by its short name, or the name itself where it is not known. */
export function emojiElement(name, tone, unicode) {
  const found = unicode ?? emojiNamed(name, tone);
  if (!found) return document.createTextNode(`:${name}:`);
  const told = `:${name}:`;
  return element(
    "span",
    { class: "emoji", role: "img", "aria-label": `${name.replaceAll("_", " ")} emoji`, title: told },
    found,
  );
}

/** Somebody or something that is called by name; `kind` is user, channel, group or broadcast. */
export function mentionElement(kind, shown, isMe = false) {
  const sign = kind === "channel" ? "#" : "@";
  const bare = shown.replace(/^[@#]/, "");
  return element("span", { class: `mention mention-${kind}${isMe ? " mention-me" : ""}`, dir: "auto" }, sign + bare);
}

class Writer {
  #context;
  #verbatim;
  #whole = []; // what was taken whole, in the order of the text

  constructor(context, verbatim) {
    this.#context = context;
    this.#verbatim = verbatim;
  }

  /** Lines and quotes. */
  paragraphs(text) {
    const nodes = [];
    for (const { isQuote, lines } of quotes(this.#taken(text).split("\n"))) {
      const said = withoutLoneBreaks(this.#marked(lines.join("\n")));
      nodes.push(...(isQuote ? [element("blockquote", {}, ...said)] : said));
    }
    return nodes;
  }

  /** What stands within a line. */
  line(text) {
    return this.#marked(this.#taken(text));
  }

  /** The text with a place for each thing that is taken whole. */
  #taken(text) {
    const clean = text.replaceAll(PLACE, "");
    let bare = "";
    let done = 0;
    WHOLE.lastIndex = 0;
    for (let match = WHOLE.exec(clean); match; match = WHOLE.exec(clean)) {
      const taken = this.#take(match.groups);
      if (!taken) {
        WHOLE.lastIndex = match.index + 1;
        continue;
      }
      const before = clean.slice(done, match.index);
      done = match.index + (taken.length ?? match[0].length);
      bare += before + PLACE;
      this.#whole.push(taken.node);
      WHOLE.lastIndex = done;
    }
    return bare + clean.slice(done);
  }

  #take({ block, code, token, emoji, tone, url }) {
    if (block) return { node: element("pre", {}, element("code", {}, decoded(block).replace(/^\n|\n$/g, ""))) };
    if (code) return { node: element("code", { dir: "auto" }, decoded(code)) };
    if (token) return { node: this.#token(token) };
    if (emoji) return emojiNamed(emoji, tone) ? { node: emojiElement(emoji, tone) } : null;
    return this.#verbatim ? null : this.#address(url);
  }

  #address(url) {
    const written = url.replace(AFTER_URL, "");
    const href = safeUrl(decoded(written));
    return href && { node: link(href, this.#context, {}, decoded(written)), length: written.length };
  }

  /** What stands between < and >. */
  #token(token) {
    const bar = token.indexOf("|");
    const target = bar < 0 ? token : token.slice(0, bar);
    const label = bar < 0 ? "" : token.slice(bar + 1);
    const rest = target.slice(1);
    if (target.startsWith("@")) return this.#named("user", rest, label);
    if (target.startsWith("#")) return this.#named("channel", rest, label);
    if (target.startsWith("!")) return this.#special(rest, label);
    const href = safeUrl(decoded(target));
    if (!href) return document.createTextNode(decoded(label) || `<${decoded(target)}>`);
    return link(href, this.#context, {}, ...(label ? this.#label(label) : [decoded(target.replace(/^mailto:/, ""))]));
  }

  #label(label) {
    return new Writer(this.#context, true).line(label);
  }

  #named(kind, id, label) {
    return mentionElement(kind, this.#context.name?.(id) ?? (decoded(label) || id), id === this.#context.me);
  }

  #special(target, label) {
    const [kind, ...given] = target.split("^");
    if (kind === "date") return this.#date(given, decoded(label));
    if (kind === "subteam") return this.#named("group", given[0] ?? "", label);
    return mentionElement("broadcast", decoded(label) || kind);
  }

  #date([timestamp = "", format = "", url], fallback) {
    const date = dateElement(timestamp, decoded(format), fallback);
    const href = url && safeUrl(decoded(url));
    return href ? link(href, this.#context, {}, date) : date;
  }

  /** Bold, italic and struck words, within each other too. */
  #marked(text) {
    const nodes = [];
    let rest = text;
    for (let match = MARKED.exec(rest); match; match = MARKED.exec(rest)) {
      const [tag, inner] = Object.entries(match.groups).find(([, found]) => found !== undefined);
      nodes.push(...this.#leaves(rest.slice(0, match.index)), element(tag, {}, ...this.#marked(inner)));
      rest = rest.slice(match.index + match[0].length);
    }
    return [...nodes, ...this.#leaves(rest)];
  }

  #leaves(text) {
    return [...text.matchAll(LEAF)].map(([leaf]) => {
      if (leaf === PLACE) return this.#whole.shift();
      return leaf === "\n" ? element("br") : document.createTextNode(decoded(leaf));
    });
  }
}

/** Lines that follow each other and are all quoted, or all not. */
function quotes(lines) {
  const groups = [];
  let isRest = false;
  for (const line of lines) {
    isRest ||= QUOTE_THE_REST.test(line);
    const isQuote = isRest || QUOTE.test(line);
    const said = isQuote ? line.replace(QUOTE_THE_REST, "").replace(QUOTE, "") : line;
    if (groups.at(-1)?.isQuote === isQuote) groups.at(-1).lines.push(said);
    else groups.push({ isQuote, lines: [said] });
  }
  return groups;
}

/** A block ends its line by itself: the break after it would show as an empty line. */
function withoutLoneBreaks(nodes) {
  return nodes.filter((node, place) => node.nodeName !== "BR" || nodes[place - 1]?.nodeName !== "PRE");
}

function plainNodes(text, isEmoji) {
  return text.split(PLAIN_PART).map((part) => {
    if (part === "\n") return element("br");
    const { emoji, tone } = (isEmoji && ONE_EMOJI.exec(part)?.groups) || {};
    return emoji ? emojiElement(emoji, tone) : document.createTextNode(part);
  });
}

function wordsOf(value) {
  return typeof value === "string" ? value : String(value?.text ?? "");
}

function hasEmoji(value) {
  return typeof value !== "string" && value?.emoji !== false;
}

function decoded(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function textOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeName === "BR") return "\n";
  const said = [...node.childNodes].map(textOf).join("");
  return node.nodeName === "PRE" || node.nodeName === "BLOCKQUOTE" ? `\n${said}\n` : said;
}
