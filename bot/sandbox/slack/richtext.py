"""What Slack would refuse in a `rich_text` block.

Fields are those of https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.
"""

from bot.sandbox.slack.composition import ID
from bot.sandbox.slack.schema import array, boolean, by_type, integer, mapping, one_of, record, text

_STYLED = {"style": mapping}
RICH_PART = by_type(
    {
        "text": record({"text": text(3000)}, _STYLED),
        "link": record({"url": text(3000)}, {"text": text(3000), "unsafe": boolean, **_STYLED}),
        "emoji": record({"name": text(100)}, {"skin_tone": integer, "unicode": text(100), **_STYLED}),
        "user": record({"user_id": text(255)}, _STYLED),
        "usergroup": record({"usergroup_id": text(255)}, _STYLED),
        "channel": record({"channel_id": text(255)}, _STYLED),
        "broadcast": record({"range": one_of("here", "channel", "everyone")}, _STYLED),
        "date": record(
            {"timestamp": integer, "format": text(255)},
            {"url": text(3000), "fallback": text(255), **_STYLED},
        ),
    },
)
_RICH_PARTS = array(RICH_PART, 1000)
_RICH_SECTION = record({"elements": _RICH_PARTS})
RICH_TEXT = record(
    {
        "elements": array(
            by_type(
                {
                    "rich_text_section": _RICH_SECTION,
                    "rich_text_preformatted": record({"elements": _RICH_PARTS}, {"border": integer}),
                    "rich_text_quote": record({"elements": _RICH_PARTS}, {"border": integer}),
                    "rich_text_list": record(
                        {
                            "style": one_of("bullet", "ordered"),
                            "elements": array(by_type({"rich_text_section": _RICH_SECTION}), 1000),
                        },
                        {"indent": integer, "offset": integer, "border": integer},
                    ),
                },
            ),
            1000,
        ),
    },
    {"block_id": ID},
)
