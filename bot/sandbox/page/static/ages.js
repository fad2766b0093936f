// How long ago something was, in the words that people use.

const FRESH_MILLISECONDS = 10_000;
const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

const UNITS = [
  ["year", 365 * 86_400],
  ["month", 30.44 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** Such as "3 weeks"; "just now" for less than a minute. `since` is an ISO time. */
export function age(since, now = Date.now()) {
  const seconds = (now - Date.parse(since)) / 1000;
  for (const [unit, length] of UNITS) {
    const count = Math.floor(seconds / length);
    if (count >= 1) return `${count} ${unit}${count === 1 ? "" : "s"}`;
  }
  return "just now";
}

/** The time of day, with seconds. */
export function timeOf(iso) {
  return CLOCK.format(new Date(iso));
}

/** Whether it is so new that it should light up when it appears. */
export function isFresh(iso) {
  return Date.now() - Date.parse(iso) < FRESH_MILLISECONDS;
}
