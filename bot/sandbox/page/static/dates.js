// Dates and times as Slack writes them, in the reader's own time zone and language.
// https://docs.slack.dev/messaging/formatting-message-text#date-formatting
// https://docs.slack.dev/reference/block-kit/block-elements/date-element

import { element } from "./element.js";

const DAY = 86_400; // seconds
const HALF_A_YEAR = 182.5 * DAY; // nearer dates are written without their year
const REFRESH_MILLISECONDS = 30_000;
const TOKEN = /\{(\w+)\}/g;
const CHANGING = /\{(?:ago|\w+_pretty)\}/; // what such a token says depends on when it is read

const TOKENS = {
  date_num: (when) => when.number(),
  date_slash: (when) => when.said({ day: "2-digit", month: "2-digit", year: "numeric" }),
  date: (when) => when.date("long"),
  date_short: (when) => when.date("short"),
  date_long: (when) => when.date("long", { weekday: "long" }),
  date_long_full: (when) => when.said({ month: "long", day: "numeric", year: "numeric" }),
  time: (when) => when.said({ hour: "numeric", minute: "2-digit" }),
  time_secs: (when) => when.said({ hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago: (when) => when.ago(),
  date_pretty: (when) => when.near() ?? TOKENS.date(when),
  date_short_pretty: (when) => when.near() ?? TOKENS.date_short(when),
  date_long_pretty: (when) => when.near() ?? TOKENS.date_long(when),
  day_divider_pretty: (when) => when.near() ?? when.date("long", { weekday: "long", hasYear: !when.isThisYear() }),
};

const SPANS = [
  ["year", 365 * DAY],
  ["month", 30 * DAY],
  ["day", DAY],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

/** One moment, for one reader. */
class When {
  #seconds;
  #locale;
  #timeZone;

  constructor(seconds, locale, timeZone) {
    this.#seconds = seconds;
    this.#locale = locale;
    this.#timeZone = timeZone;
  }

  /** In the words of the reader's language. */
  said(options) {
    return this.#format(options)
      .format(this.#seconds * 1000)
      .replace(/[\u00a0\u202f]/g, " ");
  }

  /** `2014-02-18`. */
  number() {
    return this.#numbers(this.#seconds).join("-");
  }

  /** `February 18th, 2014`, or shorter; without its year if that is clear. */
  date(month, { weekday, hasYear = !this.#isNear() } = {}) {
    const options = { weekday, month, day: "numeric", year: hasYear ? "numeric" : undefined };
    if (month === "short" || this.#format(options).resolvedOptions().locale !== "en-US") return this.said(options);
    const day = Number(this.#numbers(this.#seconds)[2]);
    return this.said(options).replace(new RegExp(`\\b${day}\\b`), ordinal(day));
  }

  /** `yesterday`, `today` or `tomorrow`; null if it is none of them. */
  near() {
    const days = this.#days(this.#seconds) - this.#days(now());
    if (Math.abs(days) > 1) return null;
    return new Intl.RelativeTimeFormat(this.#locale, { numeric: "auto" }).format(days, "day");
  }

  /** `3 minutes ago`. */
  ago() {
    const seconds = Math.trunc(this.#seconds - now());
    const [unit, length] = SPANS.find(([, span]) => Math.abs(seconds) >= span) ?? SPANS.at(-1);
    const count = Math.trunc(seconds / length) || -0; // now is “0 seconds ago”, not “in 0 seconds”
    return new Intl.RelativeTimeFormat(this.#locale).format(count, unit);
  }

  isThisYear() {
    return this.#numbers(this.#seconds)[0] === this.#numbers(now())[0];
  }

  #isNear() {
    return Math.abs(this.#seconds - now()) < HALF_A_YEAR;
  }

  #days(seconds) {
    const [year, month, day] = this.#numbers(seconds);
    return Date.UTC(year, month - 1, day) / (DAY * 1000);
  }

  #numbers(seconds) {
    const options = { year: "numeric", month: "2-digit", day: "2-digit", timeZone: this.#timeZone };
    const parts = new Intl.DateTimeFormat("en-US", options).formatToParts(seconds * 1000);
    return ["year", "month", "day"].map((kind) => parts.find((part) => part.type === kind).value);
  }

  #format(options) {
    return new Intl.DateTimeFormat(this.#locale, { ...options, timeZone: this.#timeZone });
  }
}

function now() {
  return Date.now() / 1000;
}

function ordinal(day) {
  const endings = { one: "st", two: "nd", few: "rd", other: "th" };
  return day + endings[new Intl.PluralRules("en", { type: "ordinal" }).select(day)];
}

/** The date of such a number of seconds since 1970, given as number or text; null if there is none. */
function dateOf(timestamp) {
  const date = new Date(timestamp === "" || timestamp === null ? NaN : Number(timestamp) * 1000);
  return Number.isNaN(date.getTime()) ? null : date;
}

/**
 * The moment in Slack's format, such as `{date_short} {time}`.
 *
 * The fallback stands where the moment is none or the format has a token that does not exist. Without `locale` and
 * `timeZone` they are the browser's.
 */
export function formatSlackDate(timestampSeconds, format, fallback, locale, timeZone) {
  const date = dateOf(timestampSeconds);
  const isKnown = [...format.matchAll(TOKEN)].every(([, token]) => Object.hasOwn(TOKENS, token));
  if (!date || !isKnown) return fallback;
  const when = new When(date.getTime() / 1000, locale, timeZone);
  return format.replace(TOKEN, (_, token, place) => {
    const said = TOKENS[token](when);
    return place === 0 ? said.charAt(0).toLocaleUpperCase(locale) + said.slice(1) : said;
  });
}

/** The time of day of a message, such as `10:16 AM`. */
export function clock(ts) {
  return formatSlackDate(ts, "{time}", "");
}

/** The day of a message, such as `Today` or `Monday, November 23rd`. */
export function day(ts) {
  return formatSlackDate(ts, "{day_divider_pretty}", "");
}

/** The moment as an element that tells the whole date when it is pointed at; the mere fallback where it is none. */
export function dateElement(timestamp, format, fallback) {
  const said = formatSlackDate(timestamp, format, null);
  if (said === null) return document.createTextNode(fallback);
  const whole = formatSlackDate(timestamp, "{date_long} {time_secs}", "");
  const made = element("time", { datetime: dateOf(timestamp).toISOString(), title: whole }, said);
  if (CHANGING.test(format)) keepTrue(made, timestamp, format);
  return made;
}

let ticking = 0;

function keepTrue(made, timestamp, format) {
  Object.assign(made.dataset, { timestamp, format });
  ticking ||= setInterval(refresh, REFRESH_MILLISECONDS);
}

function refresh() {
  for (const made of document.querySelectorAll("time[data-format]")) {
    const said = formatSlackDate(made.dataset.timestamp, made.dataset.format, "");
    if (made.textContent !== said) made.textContent = said;
  }
}
