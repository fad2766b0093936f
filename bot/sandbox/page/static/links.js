// Links to messages of this Slack, which open here and not in another window.

const PERMALINK = /\/archives\/([A-Z0-9]+)\/p(\d+)(\d{6})$/u;

/** The {channel, ts} to which a permalink leads, or null if it is another kind of link. */
export function messageOf(link) {
  const found = PERMALINK.exec(new URL(link, location.href).pathname);
  return found && { channel: found[1], ts: `${found[2]}.${found[3]}` };
}

/** Opens a link beside the page, without telling the other side about it. */
export function openBeside(link) {
  open(link, "_blank", "noopener,noreferrer");
}
