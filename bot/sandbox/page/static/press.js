// A button of the shell that shows that it waits until what it does is done.

import { element } from "./element.js";

/** `act()` resolves to {ok, error?}; `failed(words)` hears why it did not work. */
export function pressable({ label, name = null, looks = "", act, failed }) {
  const button = element("button", { type: "button", class: `shell-button ${looks}`, "aria-label": name }, label);
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    const answer = await act();
    button.removeAttribute("aria-busy");
    failed(answer.ok ? "" : answer.error);
  });
  return button;
}
