"""The small parts of blocks: texts, options and confirm dialogs.

Limits and fields are those of https://docs.slack.dev/reference/block-kit/composition-objects.
"""

from bot.sandbox.slack.schema import (
    Check,
    all_of,
    array,
    boolean,
    by_type,
    exactly_one,
    one_of,
    pattern,
    record,
    text,
)


def plain(most: int) -> Check:
    """A text object without markup."""
    return by_type({"plain_text": record({"text": text(most)}, {"emoji": boolean})})


def words(most: int) -> Check:
    """A text object with or without markup."""
    return by_type(
        {
            "plain_text": record({"text": text(most)}, {"emoji": boolean}),
            "mrkdwn": record({"text": text(most)}, {"verbatim": boolean}),
        },
    )


ID = text(255)
STYLE = one_of("primary", "danger")
CONFIRM = record(
    {"title": plain(100), "text": words(300), "confirm": plain(30), "deny": plain(30)},
    {"style": STYLE},
)

OPTION = record({"text": plain(75), "value": text(150)}, {"description": plain(75)})
OPTIONS = array(OPTION, 100)
OPTION_GROUPS = array(record({"label": plain(75), "options": OPTIONS}), 100)
MARKED_OPTION = record({"text": words(75), "value": text(150)}, {"description": words(75)})
LINKED_OPTION = record({"text": plain(75), "value": text(150)}, {"description": plain(75), "url": text(3000)})

SLACK_FILE = all_of(record({}, {"id": pattern("^[F][A-Z0-9]{8,}$"), "url": text(3000)}), exactly_one("id", "url"))
IMAGE_FIELDS = {"image_url": text(3000), "slack_file": SLACK_FILE}
