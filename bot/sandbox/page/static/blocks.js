// Block Kit as DOM nodes. https://docs.slack.dev/reference/block-kit/blocks

import { renderButton, renderOverflow } from "./buttons.js";
import { element, lookUp, newId, safeUrl } from "./element.js";
import { renderInput } from "./inputs.js";
import { renderMrkdwn, renderText } from "./mrkdwn.js";
import { renderRichText } from "./richtext.js";

const BLOCKS = { section, actions, context: contextBlock, divider, header, image, input, rich_text: richText, table };
const ELEMENTS = { button: renderButton, overflow: renderOverflow, image: (part) => picture(part, "accessory-image") };
const GROUPS = ["checkboxes", "radio_buttons"]; // several controls under one label
const ALIGNMENTS = ["left", "center", "right"];

/** What a message shows: its blocks, or its text where it has none. */
export function renderMessageBody(message, context) {
  if (message.blocks?.length) return renderBlocks(message.blocks, context);
  return element("div", { class: "mrkdwn", dir: "auto" }, renderMrkdwn(message.text, context));
}

/**
 * Blocks as one element.
 *
 * `context` has what a click needs: `act(block, element, chosen, state)` and `suggest(block, element, typed)`, both
 * promises; `name(id)`; `me`; `surface`; `errors` by block id; and, all optional, `openLink(url)`, `people()` and
 * `channels()`, which menus of people and channels list.
 */
export function renderBlocks(blocks, context) {
  const made = blocks.map((block) => renderBlock(block, context));
  const node = element("div", { class: "blocks" }, ...made);
  if (context.errors) showErrors(node, context.errors);
  return node;
}

/** Tells under each input what is wrong with it, and takes away what was told before. */
export function showErrors(root, errors) {
  for (const place of root.querySelectorAll(".field-error")) {
    const words = errors[place.dataset.of] ?? "";
    if (place.textContent !== words) place.textContent = words;
    place.hidden = !words;
    for (const control of place.closest(".block").querySelectorAll(`[aria-describedby~="${place.id}"]`)) {
      if (words) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
  }
}

function renderBlock(block, context) {
  const made = lookUp(BLOCKS, block.type, notShown)(block, context);
  made.classList.add("block");
  made.dataset.blockId = block.block_id ?? "";
  return made;
}

function renderElement(part, block, context, field) {
  const made = lookUp(ELEMENTS, part.type, null)?.(part, block, context);
  return made ?? renderInput(part, block, context, field) ?? notShown(part);
}

/** What this page cannot show is said, and can be read as it was sent. */
function notShown(part) {
  const json = element("pre", { tabindex: "0" }, JSON.stringify(part, null, 2));
  return element(
    "details",
    { class: "not-shown" },
    element("summary", {}, `Not shown here: ${part.type ?? "?"}`),
    json,
  );
}

function section(block, context) {
  const id = newId("section");
  const text = block.text && element("div", { id, class: "mrkdwn", dir: "auto" }, renderText(block.text, context));
  const fields =
    block.fields?.length && element("div", { class: "fields" }, ...block.fields.map((field) => words(field, context)));
  const body = element("div", { class: "section-text" }, text || null, fields || null);
  const field = block.text ? { labelledBy: id } : {};
  const beside = block.accessory && renderElement(block.accessory, block, context, field);
  const kind = block.accessory?.type === "image" ? "is-beside" : "";
  return element(
    "div",
    { class: `block-section ${kind}`.trim() },
    body,
    beside ? element("div", { class: "accessory" }, beside) : null,
  );
}

function words(text, context) {
  return element("div", { class: "mrkdwn", dir: "auto" }, renderText(text, context));
}

function actions(block, context) {
  const parts = (block.elements ?? []).map((part) => renderElement(part, block, context));
  return element("div", { class: "block-actions" }, element("div", { class: "actions-row" }, ...parts));
}

function contextBlock(block, context) {
  const parts = (block.elements ?? []).map((part) => {
    if (part.type === "image") return picture(part, "context-image");
    return part.type === "mrkdwn" || part.type === "plain_text" ? words(part, context) : notShown(part);
  });
  return element("div", { class: "block-context" }, ...parts);
}

function divider() {
  return element("hr", { class: "block-divider" });
}

function header(block, context) {
  return element("h3", { class: "block-header", dir: "auto" }, renderText(block.text, context));
}

function image(block, context) {
  const title = block.title && element("figcaption", { dir: "auto" }, renderText(block.title, context));
  return element("figure", { class: "block-image" }, title || null, picture(block, "image-large"));
}

/** An image; one that cannot be had is told by its words. */
function picture({ image_url: url, alt_text: alt }, kind) {
  const missing = () =>
    element("span", { class: `image-missing ${kind}`, role: "img", "aria-label": alt ?? "Image" }, alt || "Image");
  const src = /^https?:/.test(url ?? "") ? safeUrl(url) : null;
  if (!src) return missing();
  const made = element("img", { class: kind, src, alt: alt ?? "", loading: "lazy", referrerpolicy: "no-referrer" });
  made.addEventListener("error", () => made.replaceWith(missing()));
  return made;
}

function input(block, context) {
  const [id, label, hint, error] = ["input", "label", "hint", "error"].map(newId);
  const part = block.element ?? {};
  const isGroup = GROUPS.includes(part.type);
  const describedBy = `${block.hint ? `${hint} ` : ""}${error}`;
  const field = { id, describedBy, labelledBy: isGroup ? label : null };
  const optional = block.optional ? element("span", { class: "label-more" }, " (optional)") : null;
  return element(
    "div",
    { class: "block-input" },
    element(
      isGroup ? "div" : "label",
      { id: label, class: "label", for: isGroup ? null : id, dir: "auto" },
      renderText(block.label, context),
      optional,
    ),
    renderElement(part, block, context, field),
    block.hint ? element("p", { id: hint, class: "hint", dir: "auto" }, renderText(block.hint, context)) : null,
    element("p", {
      id: error,
      class: "field-error",
      role: "alert",
      dir: "auto",
      hidden: true,
      "data-of": block.block_id ?? "",
    }),
  );
}

function richText(block, context) {
  return renderRichText(block, context, notShown);
}

function table(block, context) {
  const settings = block.column_settings ?? [];
  const [head, ...rows] = block.rows ?? [];
  const row = (cells, tag) =>
    element("tr", {}, ...cells.map((cell, place) => tableCell(cell, tag, settings[place], context)));
  const body = element("tbody", {}, ...rows.map((cells) => row(cells, "td")));
  const made = element("table", {}, head ? element("thead", {}, row(head, "th")) : null, body);
  return element(
    "div",
    { class: "block-table" },
    element("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Table" }, made),
  );
}

function tableCell(cell, tag, setting, context) {
  const align = ALIGNMENTS.includes(setting?.align) ? setting.align : "left";
  const kind = `cell is-${align} ${setting?.is_wrapped ? "is-wrapped" : ""}`.trim();
  const bare = { type: "plain_text", text: cell?.text ?? cell?.value ?? "", emoji: false };
  const said = cell?.type === "rich_text" ? richText(cell, context) : renderText(bare, context);
  return element(tag, { scope: tag === "th" ? "col" : null, dir: "auto" }, element("div", { class: kind }, said));
}
