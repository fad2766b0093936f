// The few line drawings of the shell, 24 by 24, in the colour of the text around them.

import { shape } from "./dom.js";

const PATHS = {
  channel: "M9 4 7 20M17 4l-2 16M4 9h16M4 15h16",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  shared: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6 6 18",
  back: "M15 5l-7 7 7 7",
  thread: "M5 5h14v10h-8l-4 4v-4H5z",
  send: "M5 5l15 7-15 7 3-7zM8 12h12",
  stage: "M4 6h16v12H4zM14 6v12",
  eye: "M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6zM12 12v.01",
  down: "M12 5v14M6 13l6 6 6-6",
  more: "M6 12a1 1 0 1 1-2 0 1 1 0 0 1 2 0zM13 12a1 1 0 1 1-2 0 1 1 0 0 1 2 0zM20 12a1 1 0 1 1-2 0 1 1 0 0 1 2 0z",
  light: "M9 21h6l-1-10h-4zM10 11V8h4v3M12 3v2M5 7l3 1.5M19 7l-3 1.5",
};

/** A drawing that says nothing by itself: what it stands on needs a name. */
export function icon(name) {
  return shape(
    "svg",
    { viewBox: "0 0 24 24", class: "shell-icon", "aria-hidden": "true", focusable: "false" },
    shape("path", { d: PATHS[name] }),
  );
}
