// Everything in which a person enters or chooses something, except menus.
// https://docs.slack.dev/reference/block-kit/block-elements

import { isBusy, perform } from "./actions.js";
import { element, lookUp, newId } from "./element.js";
import { renderMenu } from "./menus.js";
import { renderText, renderWords } from "./mrkdwn.js";
import { holds } from "./state.js";

export { stateOf } from "./state.js";

const TYPING_MILLISECONDS = 500; // of rest, before what is typed is told letter by letter
const COUNTED = 0.8; // of the longest text, from where on it is told what is left

const INPUTS = {
  plain_text_input: textInput,
  number_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  datepicker: dateInput,
  timepicker: dateInput,
  datetimepicker: dateInput,
  checkboxes: choices,
  radio_buttons: choices,
  static_select: renderMenu,
  external_select: renderMenu,
  users_select: renderMenu,
  conversations_select: renderMenu,
  channels_select: renderMenu,
  multi_static_select: renderMenu,
  multi_external_select: renderMenu,
  multi_users_select: renderMenu,
  multi_conversations_select: renderMenu,
  multi_channels_select: renderMenu,
};

/**
 * The input for such an element; null for an element that is none.
 *
 * `field` tells what describes it: the ids `id`, `labelledBy` and `describedBy`, each of which may be missing.
 */
export function renderInput(part, block, context, field = {}) {
  return lookUp(INPUTS, part.type, null)?.(part, block, context, field) ?? null;
}

/** The attributes by which a control is found, called and described. */
function named(part, field, otherwise) {
  return {
    id: field.id,
    "aria-labelledby": field.labelledBy,
    "aria-label": field.id || field.labelledBy ? null : renderWords(part.placeholder ?? otherwise),
    "aria-describedby": field.describedBy,
    autofocus: part.focus_on_load,
  };
}

/** Whether what is entered is told to the app at once. */
function isTold(block) {
  return block.type !== "input" || Boolean(block.dispatch_action);
}

/** Tells the app what stands in an input, and again if that changed meanwhile; `undo` takes back what was not taken. */
function teller({ control, block, part, context, value, undo }) {
  let told = JSON.stringify(value());
  return async () => {
    while (!isBusy(control) && JSON.stringify(value()) !== told) {
      const before = told;
      const chosen = value();
      told = JSON.stringify(chosen);
      if (await perform({ control, block, part, chosen, context })) continue;
      undo(JSON.parse(before));
      told = before;
      return;
    }
  };
}

// Text

const KINDS = { number_input: "number", email_text_input: "email", url_text_input: "url" };

function textInput(part, block, context, field) {
  const control = textControl(part, field);
  const box = element("div", { class: "entry" }, control);
  const notes = [enterNote(part, block), restNote(part, control)].filter(Boolean);
  box.append(...notes);
  if (isTold(block)) tellText({ box, control, part, block, context });
  return holds(box, block, part, () => ({ value: control.value || null }));
}

function textControl(part, field) {
  const control = element(part.multiline ? "textarea" : "input", {
    ...named(part, field, "Text"),
    ...limits(part),
    class: "entry-text",
    type: part.multiline ? null : lookUp(KINDS, part.type, "text"),
    rows: part.multiline ? 4 : null,
    placeholder: part.placeholder ? renderWords(part.placeholder) : null,
    autocomplete: "off",
    dir: "auto",
  });
  control.value = part.initial_value ?? "";
  return control;
}

function limits(part) {
  if (part.type !== "number_input") return { minlength: part.min_length, maxlength: part.max_length };
  const step = part.is_decimal_allowed ? "any" : "1";
  return { min: part.min_value, max: part.max_value, step, inputmode: part.is_decimal_allowed ? "decimal" : "numeric" };
}

function triggers(part) {
  return part.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
}

function enterNote(part, block) {
  const isEntered = isTold(block) && triggers(part).includes("on_enter_pressed");
  return isEntered
    ? element("p", { class: "entry-note" }, `Press ${part.multiline ? "Ctrl+Enter" : "Enter"} to send it`)
    : null;
}

function restNote(part, control) {
  const most = part.max_length;
  if (!most) return null;
  const note = element("p", { class: "entry-note", "aria-live": "polite" });
  const tell = () => {
    const length = control.value.length;
    note.textContent = length >= most * COUNTED ? `${most - length} of ${most} characters left` : "";
  };
  control.addEventListener("input", tell);
  tell();
  return note;
}

function tellText({ box, control, part, block, context }) {
  const tell = teller({ control: box, block, part, context, value: () => control.value, undo: () => {} });
  if (triggers(part).includes("on_enter_pressed")) {
    control.addEventListener("keydown", (event) => {
      const isMeant = !part.multiline || event.ctrlKey || event.metaKey;
      if (event.key !== "Enter" || event.isComposing || !isMeant) return;
      event.preventDefault();
      tell();
    });
  }
  if (triggers(part).includes("on_character_entered")) {
    let resting = 0;
    control.addEventListener("input", () => {
      clearTimeout(resting);
      resting = setTimeout(tell, TYPING_MILLISECONDS);
    });
  }
}

// Dates and times

const two = (number) => String(number).padStart(2, "0");

const MOMENTS = {
  datepicker: { type: "date", field: "selected_date", initial: "initial_date", otherwise: "Date" },
  timepicker: { type: "time", field: "selected_time", initial: "initial_time", otherwise: "Time" },
  datetimepicker: {
    type: "datetime-local",
    field: "selected_date_time",
    initial: "initial_date_time",
    otherwise: "Date and time",
    written: (seconds) => {
      const at = new Date(seconds * 1000);
      const day = `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
      return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
    },
    read: (written) => new Date(written).getTime() / 1000,
  },
};

function dateInput(part, block, context, field) {
  const {
    type,
    field: name,
    initial,
    otherwise,
    written = (value) => value,
    read = (value) => value,
  } = MOMENTS[part.type];
  const hint = part.placeholder ? renderWords(part.placeholder) : null;
  const control = element("input", { ...named(part, field, otherwise), class: "entry-text", type, title: hint });
  const write = (value) => {
    control.value = value ? written(value) : "";
  };
  write(part[initial]);
  const value = () => (control.value ? read(control.value) : null);
  const box = element("div", { class: "entry is-moment" }, control);
  if (isTold(block)) tellMoment(control, teller({ control: box, block, part, context, value, undo: write }));
  return holds(box, block, part, () => ({ [name]: value() }));
}

/** A date that is typed changes with each digit: it is told when the person has left it or pressed Enter. */
function tellMoment(control, tell) {
  let isTyped = false;
  control.addEventListener("pointerdown", () => {
    isTyped = false;
  });
  control.addEventListener("keydown", (event) => {
    isTyped = event.key !== "Enter";
    if (isTyped) return;
    event.preventDefault();
    tell();
  });
  control.addEventListener("change", () => isTyped || tell());
  control.addEventListener("blur", tell);
}

// Checkboxes and radio buttons

function choices(part, block, context, field) {
  const isMany = part.type === "checkboxes";
  const name = newId("choice");
  const options = part.options ?? [];
  const boxes = options.map((option) => choice(option, { type: isMany ? "checkbox" : "radio", name, context }));
  const { id, autofocus, ...rest } = named(part, field, "Options");
  const group = element(
    "div",
    { ...rest, id, role: isMany ? "group" : "radiogroup", class: "choices", tabindex: "-1" },
    ...boxes.map(({ node }) => node),
  );
  const chosen = () => options.filter((_, place) => boxes[place].box.checked);
  const value = () => (isMany ? chosen() : (chosen()[0] ?? null));
  const choose = (given) => {
    const values = [given ?? []].flat().map((option) => option.value);
    options.forEach((option, place) => (boxes[place].box.checked = values.includes(option.value)));
  };
  choose(isMany ? part.initial_options : part.initial_option);
  if (autofocus) boxes[0]?.box.setAttribute("autofocus", "");
  const tell = teller({ control: group, block, part, context, value, undo: choose });
  if (isTold(block)) group.addEventListener("change", tell);
  return holds(group, block, part, () => ({ [isMany ? "selected_options" : "selected_option"]: value() }));
}

function choice(option, { type, name, context }) {
  const [id, told] = [newId("option"), newId("option-text")];
  const more = option.description && newId("option-more");
  const box = element("input", {
    type,
    name,
    id,
    value: option.value ?? "",
    "aria-labelledby": told,
    "aria-describedby": more,
  });
  const line = (words, kind, lineId) =>
    element("span", { id: lineId, class: `${kind} mrkdwn`, dir: "auto" }, renderText(words, context));
  const lines = [line(option.text, "choice-name", told), more ? line(option.description, "choice-more", more) : null];
  return {
    box,
    node: element("label", { class: "choice", for: id }, box, element("span", { class: "choice-text" }, ...lines)),
  };
}
