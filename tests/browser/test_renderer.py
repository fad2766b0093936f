"""What Slack's markup, dates, blocks and buttons become in a browser."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Reader
from tests.browser.stage import Stage, actions, button, dialog, field, marked, option, plain, section

MOMENT = 1732363201  # 23 November 2024, 12:00:01 UTC, a Saturday
NOON = datetime.fromtimestamp(MOMENT, UTC)
LONG = "snapshot-" + "x" * 246
PHONE = Reader(width=360)

# Mrkdwn

LINK = '<a href="https://a.example/'
MARKS = [
    ("*bold* _soft_ ~gone~ `code`", "<strong>bold</strong> <em>soft</em> <s>gone</s> <code>code</code>"),
    ("*_both_* _*both*_", "<strong><em>both</em></strong> <em><strong>both</strong></em>"),
    ("*Delete `web-1`?*  No undo.", "<strong>Delete <code>web-1</code>?</strong>  No undo."),
    ('(*a*), "*b*" *c*.', '(<strong>a</strong>), "<strong>b</strong>" <strong>c</strong>.'),
    ("_two_words_ and snake_case_name", "<em>two_words</em> and snake_case_name"),
    ("2*3*4 a~b~c 2 * 3 * 4 a`b`c", "2*3*4 a~b~c 2 * 3 * 4 a`b`c"),
    ("**a** __a__ *a*b *a *", "**a** __a__ *a*b *a *"),
    ("*a\nb*", "*a<br>b*"),
    ("é*a* *a*é", "é*a* *a*é"),
    ("x\u200b*a*\u200bx", "x\u200b<strong>a</strong>\u200bx"),  # https://github.com/yhatt/jsx-slack, its exact mode
    ("＊a＊ ＿b＿", "<strong>a</strong> <em>b</em>"),
    ("`*a* &lt;b&gt; <@U0ANN0000> :tada:`", "<code>*a* &lt;b&gt; &lt;@U0ANN0000&gt; :tada:</code>"),
    ("a\n```\n*x*  y\n z\n```\nb", "a<br><pre><code>*x*  y\n z</code></pre>b"),
    ("```not closed", "```not closed"),
    ("a\n&gt; b *c*\n&gt;d\ne", "a<blockquote>b <strong>c</strong><br>d</blockquote>e"),
    ("> a", "<blockquote>a</blockquote>"),
    ("a\n&gt;&gt;&gt; b\nc", "a<blockquote>b<br>c</blockquote>"),
    ("a &gt; b", "a &gt; b"),
    ("• one\n• two\n- three", "• one<br>• two<br>- three"),
    ("&amp;amp; &lt;!channel&gt; &quot;", "&amp;amp; &lt;!channel&gt; &amp;quot;"),
    ("<https://a.example/b_c?x=1&amp;y=2|the *one*>", f'{LINK}b_c?x=1&amp;y=2">the <strong>one</strong></a>'),
    ("<https://a.example/>", f'{LINK}">https://a.example/</a>'),
    ("<mailto:a@b.example|Mail>", '<a href="mailto:a@b.example">Mail</a>'),
    ("<mailto:a@b.example>", '<a href="mailto:a@b.example">a@b.example</a>'),
    ("See https://a.example/b_c_.", f'See {LINK}b_c">https://a.example/b_c</a>_.'),
    ("(https://a.example/)", f'({LINK}">https://a.example/</a>)'),
    ("&lt;https://a.example/&gt;", f'&lt;{LINK}">https://a.example/</a>&gt;'),
    ("<javascript:alert(1)|here> <data:text/html,x>", "here &lt;data:text/html,x&gt;"),
    ("<b>a</b> <script>", "&lt;b&gt;a&lt;/b&gt; &lt;script&gt;"),
    ("<@U0ANN0000> <@U0EVE0000|eve> <@U0EVE0000>", "<span>@Ann</span> <span>@eve</span> <span>@U0EVE0000</span>"),
    ("<#C0OPS0000> <#C0X|x> <#C0X>", "<span>#ops</span> <span>#x</span> <span>#C0X</span>"),
    ("<!here> <!channel> <!everyone|everyone>", "<span>@here</span> <span>@channel</span> <span>@everyone</span>"),
    ("<!subteam^S0ADMINS0> <!subteam^S1|@ops>", "<span>@admins</span> <span>@ops</span>"),
    (":tada: :no_such_emoji: 10:30:45 :+1::skin-tone-4:", "<span>🎉</span> :no_such_emoji: 10:30:45 <span>👍🏽</span>"),
    ("⏳ *Deleting*", "⏳ <strong>Deleting</strong>"),
    (f"<!date^{MOMENT}^{{date_num}}^https://a.example|then>", f'{LINK}"><time>2024-11-23</time></a>'),
    ("<!date^soon^{date}|then &amp; there> <!date^0^{no_such}|*x*>", "then &amp; there *x*"),
]


def test_mrkdwn_is_read_as_slack_reads_it(stage: Stage) -> None:
    assert {written: stage.mrkdwn(written) for written, _ in MARKS} == dict(MARKS)


def test_verbatim_mrkdwn_makes_no_links_of_bare_addresses(stage: Stage) -> None:
    assert stage.mrkdwn("*a* https://a.example", verbatim=True) == "<strong>a</strong> https://a.example"


@pytest.mark.timeout(30)
def test_the_longest_message_is_read_in_no_time(stage: Stage) -> None:
    for text in ("*a " * 10_000, ":" + "a" * 40_000, "```" * 10_000, "<" * 40_000, "*_~" * 10_000):
        assert stage.mrkdwn(text)


def test_plain_text_has_emoji_and_no_marks(stage: Stage) -> None:
    main = stage.show({"type": "section", "text": plain("*a* <@U0ANN0000> &amp; :tada:\nb")})

    expect(main.locator(".mrkdwn")).to_have_text("*a* <@U0ANN0000> &amp; 🎉b")
    expect(main.locator("br")).to_have_count(1)


def test_plain_text_without_emoji_keeps_their_names(stage: Stage) -> None:
    main = stage.show({"type": "section", "text": {**plain(":tada:"), "emoji": False}})

    expect(main).to_have_text(":tada:")


def test_links_open_beside_the_page_and_know_nothing_of_it(stage: Stage) -> None:
    link = stage.show(section("<https://a.example|here>")).get_by_role("link", name="here")

    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer")


def test_a_page_may_open_links_in_its_own_way(stage: Stage) -> None:
    stage.show(section("<https://a.example|here>"), links=True).get_by_role("link").click()

    assert stage.opened() == ["https://a.example/"]


def test_who_is_meant_sees_it(stage: Stage) -> None:
    main = stage.show(section("<@U0ANN0000> and <@U0BOB0000>"))

    expect(main.locator(".mention-me")).to_have_text(["@Ann"])


def test_what_people_write_never_becomes_markup(stage: Stage) -> None:
    evil = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    main = stage.show(
        section(evil),
        {"type": "header", "text": plain(evil)},
        actions(button(evil)),
        field(evil, {"type": "plain_text_input", "placeholder": plain(evil), "initial_value": evil}, hint=plain(evil)),
        {"type": "table", "rows": [[{"type": "raw_text", "text": evil}]]},
        {"type": evil},
    )

    expect(main.locator("script, img")).to_have_count(0)
    expect(main.get_by_role("button")).to_have_text(evil)


def test_mrkdwn_as_text_has_no_marks(stage: Stage) -> None:
    text = "*a* <@U0ANN0000>\n&gt; b\n`c`"
    read = stage.page.evaluate(
        'async (text) => (await import("/static/mrkdwn.js")).plainText(text, stage.context({}))', text
    )

    assert read == "a @Ann\nb\nc"


# Dates

BERLIN = ("en-US", "Europe/Berlin")
FORMS = [
    (BERLIN, "{date_num} {time_secs}", "2024-11-23 1:00:01 PM"),
    (BERLIN, "{date_short} {time}", "Nov 23, 2024 1:00 PM"),
    (BERLIN, "{date}", "November 23rd, 2024"),
    (BERLIN, "{date_long}", "Saturday, November 23rd, 2024"),
    (BERLIN, "{date_long_full} or {date_slash}", "November 23, 2024 or 11/23/2024"),
    (BERLIN, "on {date_pretty}", "on November 23rd, 2024"),
    (BERLIN, "{day_divider_pretty}", "Saturday, November 23rd, 2024"),
    (BERLIN, "{ago}", "2 years ago"),
    (("en-US", "Asia/Tokyo"), "{date_num} {time}", "2024-11-23 9:00 PM"),
    (("de-DE", "Europe/Berlin"), "{date} {time}", "23. November 2024 13:00"),
    (("en-GB", "UTC"), "{date_short} {time}", "23 Nov 2024 12:00"),
]


def test_a_date_is_told_in_the_readers_zone_and_language(own_stage: Stage) -> None:
    own_stage.page.clock.set_fixed_time(datetime(2026, 12, 1, tzinfo=UTC))

    told = [(of, form, own_stage.call("dates", "formatSlackDate", MOMENT, form, "then", *of)) for of, form, _ in FORMS]

    assert told == FORMS


@pytest.mark.parametrize("reader", [Reader(locale="de-DE", time_zone="Asia/Tokyo")], indirect=True)
def test_a_date_is_told_in_the_browsers_zone_and_language(own_stage: Stage) -> None:
    main = own_stage.show(section(f"<!date^{MOMENT}^{{date_num}} {{time}}|then>"))

    expect(main.locator("time")).to_have_text("2024-11-23 21:00")
    expect(main.locator("time")).to_have_attribute("title", "Samstag, 23. November 2024 21:00:01")


NEAR = [
    (datetime(2024, 11, 23, 22, tzinfo=UTC), "{date_pretty} at {time}", "Today at 1:00 PM"),
    (datetime(2024, 11, 24, 12, tzinfo=UTC), "since {date_short_pretty}", "since yesterday"),
    (datetime(2024, 11, 22, 12, tzinfo=UTC), "{date_long_pretty}", "Tomorrow"),
    (datetime(2024, 11, 23, 23, tzinfo=UTC), "{date_pretty}", "Yesterday"),  # Berlin's day has ended
    (datetime(2024, 11, 25, 12, tzinfo=UTC), "{day_divider_pretty}", "Saturday, November 23rd"),
    (datetime(2025, 2, 1, 12, tzinfo=UTC), "{date} {date_short}", "November 23rd Nov 23"),
    (datetime(2025, 2, 1, 12, tzinfo=UTC), "{day_divider_pretty}", "Saturday, November 23rd, 2024"),
    (datetime(2025, 6, 1, 12, tzinfo=UTC), "{date_short}", "Nov 23, 2024"),
    (datetime(2024, 11, 23, 12, 3, 10, tzinfo=UTC), "{ago}", "3 minutes ago"),
    (datetime(2024, 11, 23, 12, 0, 1, tzinfo=UTC), "{ago}", "0 seconds ago"),
    (datetime(2024, 11, 23, 10, tzinfo=UTC), "{ago}", "In 2 hours"),
]


def test_a_date_near_now_is_told_shorter(own_stage: Stage) -> None:
    def told(now: datetime, form: str) -> object:
        own_stage.page.clock.set_fixed_time(now)
        return own_stage.call("dates", "formatSlackDate", MOMENT, form, "then")

    assert [(now, form, told(now, form)) for now, form, _ in NEAR] == NEAR


def test_days_are_ordinal(stage: Stage) -> None:
    special = {1: "1st", 2: "2nd", 3: "3rd", 21: "21st", 22: "22nd", 23: "23rd", 31: "31st"}

    def told(day: int) -> object:
        moment = datetime(2020, 1, day, 12, tzinfo=UTC).timestamp()
        return stage.call("dates", "formatSlackDate", moment, "{date}", "then")

    assert [told(day) for day in range(1, 32)] == [
        f"January {special.get(day, f'{day}th')}, 2020" for day in range(1, 32)
    ]


def test_a_date_that_is_none_is_told_by_its_fallback(stage: Stage) -> None:
    for moment, form in (("soon", "{date}"), ("", "{date}"), (9e15, "{date}"), (1, "{nothing}"), (1, "{toString}")):
        assert stage.call("dates", "formatSlackDate", moment, form, "then") == "then"


def test_a_message_has_a_time_and_a_day(own_stage: Stage) -> None:
    own_stage.page.clock.set_fixed_time(NOON)

    assert own_stage.call("dates", "clock", f"{MOMENT}.000100") == "1:00 PM"
    assert own_stage.call("dates", "day", f"{MOMENT}.000100") == "Today"


def test_how_long_ago_it_was_stays_true(own_stage: Stage) -> None:
    own_stage.page.clock.install(time=NOON)
    main = own_stage.show(section(f"<!date^{MOMENT - 60}^{{ago}}|then>"))
    expect(main).to_have_text("1 minute ago")

    own_stage.page.clock.run_for(120_000)

    expect(main).to_have_text("3 minutes ago")


# Blocks


def test_a_message_shows_its_blocks_or_else_its_text(stage: Stage) -> None:
    shown = stage.page.evaluate("""async () => {
      const { renderMessageBody } = await import("/static/blocks.js");
      const blocks = [{ type: "header", text: { type: "plain_text", text: "Head" } }];
      const bodies = [{ text: "*a*", blocks }, { text: "*a*", blocks: [] }, { text: "*a*" }];
      return bodies.map((message) => renderMessageBody(message, stage.context({})).textContent);
    }""")

    assert shown == ["Head", "a", "a"]


def test_every_block_of_words_is_shown(stage: Stage) -> None:
    main = stage.show(
        {"type": "header", "text": plain("Head")},
        {"type": "divider"},
        {"type": "section", "fields": [marked("*Name*\nweb-1"), plain("*Size*")]},
        {"type": "context", "elements": [marked("*small*"), plain("*words*")]},
    )

    expect(main.get_by_role("heading", name="Head")).to_be_visible()
    expect(main.get_by_role("separator")).to_be_visible()
    expect(main.locator(".fields > *")).to_have_text(["Nameweb-1", "*Size*"])
    expect(main.locator(".block-context")).to_have_text("small*words*")


def test_rich_text_has_everything_that_stands_in_a_line(stage: Stage) -> None:
    main = stage.show({"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
        {"type": "text", "text": "a", "style": {"bold": True, "code": True}},
        {"type": "link", "url": "https://a.example", "text": "b"},
        {"type": "link", "url": "javascript:alert(1)", "text": "c"},
        {"type": "emoji", "name": "tada"},
        {"type": "emoji", "name": "ours", "unicode": "1f680"},
        {"type": "user", "user_id": "U0BOB0000"},
        {"type": "channel", "channel_id": "C0OPS0000"},
        {"type": "usergroup", "usergroup_id": "S0ADMINS0"},
        {"type": "broadcast", "range": "here"},
        {"type": "date", "timestamp": MOMENT, "format": "{date_num}", "fallback": "then"},
        {"type": "color", "value": "#ff0000"},
        {"type": "constructor"},
    ]}]})  # fmt: skip

    expect(main).to_have_text("abc🎉🚀@Bob#ops@admins@here2024-11-23#ff0000[constructor]")
    expect(main.locator("strong > code")).to_have_text("a")
    expect(main.get_by_role("link")).to_have_text(["b"])


def test_rich_text_has_lists_quotes_and_code(stage: Stage) -> None:
    def part(text: str) -> dict[str, object]:
        return {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}

    main = stage.show({"type": "rich_text", "elements": [
        {"type": "rich_text_list", "style": "bullet", "elements": [part("a"), part("b")]},
        {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [part("c")]},
        {"type": "rich_text_list", "style": "ordered", "offset": 2, "elements": [part("third")]},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "d\ne"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "*f*"}]},
    ]})  # fmt: skip

    expect(main.locator("ul").first.locator("li")).to_have_text(["a", "b"])
    expect(main.locator("ul.is-indent-1")).to_have_css("margin-inline-start", re.compile("^[1-9]"))
    expect(main.locator("ol")).to_have_attribute("start", "3")
    expect(main.locator("blockquote br")).to_have_count(1)
    expect(main.locator("pre")).to_have_text("*f*")


def test_a_table_has_a_head_and_aligned_columns(stage: Stage) -> None:
    def cells(*texts: str) -> list[dict[str, object]]:
        return [{"type": "raw_text", "text": text} for text in texts]

    rich = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "r"}]}],
    }
    settings = [{"is_wrapped": True}, {"align": "right"}]
    rows = [cells("Name", "Size"), [rich, *cells("40 GB")]]
    table = stage.show({"type": "table", "rows": rows, "column_settings": settings}).get_by_role("table")

    expect(table.get_by_role("columnheader")).to_have_text(["Name", "Size"])
    expect(table.get_by_role("cell")).to_have_text(["r", "40 GB"])
    expect(table.locator("td .cell").nth(1)).to_have_css("text-align", "end")


def test_an_image_has_a_title_and_words(own_stage: Stage) -> None:
    own_stage.page.route(
        "**/cat.svg",
        lambda route: route.fulfill(content_type="image/svg+xml", body="<svg xmlns='http://www.w3.org/2000/svg'/>"),
    )
    url = "https://a.example/cat.svg"
    main = own_stage.show({"type": "image", "image_url": url, "alt_text": "A cat", "title": plain("Cats")})

    expect(main.get_by_role("figure", name="Cats").get_by_role("img", name="A cat")).to_have_attribute("src", url)


def test_an_image_that_cannot_be_had_is_told_by_its_words(stage: Stage) -> None:
    urls = ("data:image/png;base64,x", "javascript:alert(1)", None)
    images = [{"type": "image", "image_url": url, "alt_text": "A cat"} for url in urls]
    main = stage.show({"type": "context", "elements": images})

    expect(main.get_by_role("img", name="A cat")).to_have_text(["A cat"] * 3)
    expect(main.locator("img")).to_have_count(0)


def test_what_cannot_be_shown_is_said_and_can_be_read(stage: Stage) -> None:
    kinds = ["video", "constructor", "__proto__", "file_input"]
    blocks = [block for kind in kinds for block in ({"type": kind, "url": "a"}, actions({"type": kind}))]
    main = stage.show(*blocks, section("after"))

    main.get_by_text("Not shown here: video").first.click()

    expect(main.locator("summary")).to_have_text([f"Not shown here: {kind}" for kind in kinds for _ in range(2)])
    expect(main.locator("details").first.locator("pre")).to_contain_text('"url": "a"')
    expect(main.get_by_text("after")).to_be_visible()


@pytest.mark.parametrize("reader", [PHONE], indirect=True)
def test_nothing_widens_the_page_of_a_phone(own_stage: Stage) -> None:
    row = [{"type": "raw_text", "text": LONG}] * 8
    choices = [option(LONG[:75]), option("b", description=plain(LONG[:75]))]
    own_stage.show(
        section(f"*{LONG}*\n{LONG} `{LONG}`\n```{LONG}```\n<https://a.example/{LONG}>\n&gt; {LONG}"),
        section(LONG, accessory=button(LONG[:75])),
        {"type": "section", "fields": [plain(LONG)] * 4},
        {"type": "header", "text": plain(LONG)},
        {"type": "context", "elements": [plain(LONG)]},
        {"type": "table", "rows": [row, row]},
        actions(button(LONG[:75], style="danger"), button("b")),
        actions(*({"type": "static_select", "action_id": f"s{n}", "options": choices} for n in range(3))),
        field(LONG, {"type": "multi_static_select", "options": choices, "initial_options": choices}, hint=plain(LONG)),
        field("Radio", {"type": "radio_buttons", "options": choices}),
        {"type": "video", "title": LONG},
        errors={f"{LONG}-block": LONG},
    )  # fmt: skip

    assert own_stage.page.evaluate("document.documentElement.scrollWidth") <= PHONE.width


@pytest.mark.parametrize("reader", [PHONE], indirect=True)
def test_an_open_menu_does_not_widen_the_page_either(own_stage: Stage) -> None:
    more = {"type": "overflow", "action_id": "o", "options": [option("A rather long one to choose"), option("Short")]}
    main = own_stage.show(section("x", accessory=more), actions(button("Some words"), button("Some more"), more))

    for place in range(2):
        main.get_by_role("button", name="More actions").nth(place).click()
        expect(main.get_by_role("menu")).to_be_visible()
        assert own_stage.page.evaluate("document.documentElement.scrollWidth") <= PHONE.width
        own_stage.page.keyboard.press("Escape")


# Buttons


def test_a_press_sends_the_state_of_all_inputs(stage: Stage) -> None:
    pick = {"type": "static_select", "action_id": "pick", "options": [option("A")], "initial_option": option("A")}
    main = stage.show(section("Pick", accessory=pick), actions(button("Go", value="7")))

    main.get_by_role("button", name="Go").click()

    state = {"S": {"pick": {"type": "static_select", "selected_option": option("A")}}}
    assert stage.acts() == [{"block": "A", "action": "go", "chosen": None, "state": state}]


def test_a_pressed_button_waits_and_is_not_pressed_twice(stage: Stage) -> None:
    go = stage.show(actions(button("Go")), answer="later").get_by_role("button", name="Go")

    go.click()
    expect(go).to_have_attribute("aria-busy", "true")
    go.click(force=True)

    expect(go).to_be_focused()
    assert len(stage.acts()) == 1
    stage.answer({"ok": True})
    expect(go).to_have_attribute("aria-busy", "false")
    expect(go).not_to_have_attribute("aria-disabled", "true")


def test_what_went_wrong_is_told_until_the_next_press(stage: Stage) -> None:
    main = stage.show(actions(button("Go")), section("x"), answer={"ok": False, "error": "The bot is away."})
    go = main.get_by_role("button", name="Go")

    go.click()

    expect(main.get_by_role("alert")).to_have_text("The bot is away.")
    stage.page.evaluate("stage.answer = { ok: true }")
    go.click()
    expect(main.get_by_role("alert")).to_have_count(0)


def test_a_press_that_is_lost_is_told(stage: Stage) -> None:
    main = stage.show(actions(button("Go")), answer="lost")

    main.get_by_role("button", name="Go").click()

    expect(main.get_by_role("alert")).to_have_text("That did not reach the bot. Please try again.")


def asking(stage: Stage, style: str | None = None) -> tuple[Locator, Locator]:
    """A button whose dialog is open, and the dialog."""
    go = stage.show(actions(button("Go", confirm=dialog(style)))).get_by_role("button", name="Go")
    go.click()
    opened = stage.page.get_by_role("alertdialog", name="Really?")
    expect(opened).to_have_accessible_description("All of it")
    return go, opened


def expect_answered(stage: Stage) -> None:
    """Wait until the dialog's answer has been acted upon: with that it leaves the page."""
    expect(stage.page.locator("dialog")).to_have_count(0)


def test_yes_in_the_dialog_sends_the_press(stage: Stage) -> None:
    go, opened = asking(stage)

    opened.get_by_role("button", name="Do it").click()

    expect_answered(stage)
    expect(go).to_be_focused()
    assert [act["action"] for act in stage.acts()] == ["go"]


def test_no_in_the_dialog_sends_nothing(stage: Stage) -> None:
    _, opened = asking(stage)

    opened.get_by_role("button", name="Stop").click()

    expect_answered(stage)
    assert stage.acts() == []


def test_escape_is_no(stage: Stage) -> None:
    go, _ = asking(stage)

    stage.page.keyboard.press("Escape")

    expect_answered(stage)
    expect(go).to_be_focused()
    assert stage.acts() == []


def test_a_click_beside_the_dialog_is_no(stage: Stage) -> None:
    asking(stage)

    stage.page.mouse.click(5, 5)

    expect_answered(stage)
    assert stage.acts() == []


def test_a_double_click_leaves_the_dialog_open(stage: Stage) -> None:
    go = stage.show(actions(button("Go", confirm=dialog()))).get_by_role("button", name="Go")

    go.dblclick(position={"x": 2, "y": 2})

    expect(stage.page.get_by_role("alertdialog")).to_be_visible()
    assert stage.acts() == []


@pytest.mark.parametrize(
    ("style", "first", "sent"), [("danger", "Stop", 0), ("primary", "Do it", 1), (None, "Do it", 1)]
)
def test_enter_does_what_is_safe(stage: Stage, style: str | None, first: str, sent: int) -> None:
    _, opened = asking(stage, style)
    expect(opened.get_by_role("button", name=first)).to_be_focused()

    stage.page.keyboard.press("Enter")

    expect_answered(stage)
    assert len(stage.acts()) == sent


def test_the_keyboard_cannot_leave_the_dialog_for_the_page(stage: Stage) -> None:
    go, opened = asking(stage, "danger")

    for _ in range(4):
        stage.page.keyboard.press("Tab")
        expect(go).not_to_be_focused()

    expect(opened).to_be_visible()


def test_the_dialog_has_words_of_its_own_where_the_app_gave_none(stage: Stage) -> None:
    answered = stage.page.evaluate("""() => {
      window.said = import("/static/confirm.js").then(({ confirmDialog }) => confirmDialog({ text: "Sure?" }));
    }""")
    opened = stage.page.get_by_role("alertdialog", name="Are you sure?")

    opened.get_by_role("button", name="Cancel").click()

    assert answered is None
    assert stage.page.evaluate("window.said") is False


def test_a_button_with_an_address_opens_it_and_tells_the_app(own_stage: Stage) -> None:
    own_stage.page.context.route("https://a.example/", lambda route: route.fulfill(body="opened"))
    link = own_stage.show(actions(button("Go", url="https://a.example/"))).get_by_role("link", name="Go")

    with own_stage.page.expect_popup() as popup:
        link.click()

    expect(popup.value.locator("body")).to_have_text("opened")
    assert [act["action"] for act in own_stage.acts()] == ["go"]


def test_a_button_with_an_address_and_a_dialog_opens_it_after_yes(stage: Stage) -> None:
    main = stage.show(actions(button("Go", url="https://a.example/", confirm=dialog())), links=True)
    main.get_by_role("button", name="Go").click()
    assert stage.opened() == []

    stage.page.get_by_role("button", name="Do it").click()

    stage.page.wait_for_function("stage.opened.length === 1")


def test_a_button_with_a_bad_address_opens_nothing(stage: Stage) -> None:
    main = stage.show(actions(button("Go", url="javascript:alert(1)")))

    expect(main.get_by_role("link")).to_have_count(0)
    expect(main.get_by_role("button", name="Go")).to_be_visible()


def test_an_overflow_menu_is_walked_by_the_keyboard(stage: Stage) -> None:
    more = {"type": "overflow", "action_id": "more", "options": [option("Edit"), option("Delete")]}
    three_dots = stage.show(actions(more)).get_by_role("button", name="More actions")
    three_dots.press("Enter")
    expect(three_dots).to_have_attribute("aria-expanded", "true")

    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        stage.page.keyboard.press(key)

    expect(three_dots).to_be_focused()
    expect(three_dots).to_have_attribute("aria-expanded", "false")
    assert stage.chosen() == [option("Delete")]


def test_an_overflow_menu_closes_without_a_choice(stage: Stage) -> None:
    more = {"type": "overflow", "action_id": "more", "options": [option("Edit"), option("Delete")]}
    main = stage.show(actions(more))
    main.get_by_role("button", name="More actions").click()

    stage.page.keyboard.press("Escape")

    expect(main.get_by_role("menu")).to_be_hidden()
    assert stage.acts() == []


# For everybody

TEXT_CONTRAST = 4.5  # https://www.w3.org/TR/WCAG22/#contrast-minimum
CONTRASTS = """() => {
  document.body.style.background = "var(--ground)";
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number)
      .map((part) => (part / 255 <= 0.04045 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    for (let each = node; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
  };
  const words = [...document.querySelectorAll("main *, dialog *")].filter((node) =>
    node.checkVisibility() && [...node.childNodes].some((each) => each.nodeType === 3 && each.data.trim()));
  return words.map((node) => {
    const [one, two] = [light(getComputedStyle(node).color), light(ground(node))].sort((a, b) => b - a);
    return [node.textContent.slice(0, 40), (one + 0.05) / (two + 0.05)];
  });
}"""


def everything() -> list[dict[str, object]]:
    options = [option("One", description=plain("More")), option("Two")]
    return [
        section("*a* _b_ `c` <https://a.example|d> <@U0ANN0000> <@U0BOB0000> <!here>\n&gt; e\n```f```"),
        {"type": "header", "text": plain("Head")},
        {"type": "context", "elements": [marked("small `c` <https://a.example|d>")]},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "Head"}], [{"type": "raw_text", "text": "Cell"}]]},
        actions(button("Plain"), button("Good", style="primary"), button("Bad", style="danger")),
        {"type": "video"},
        field("Name", {"type": "plain_text_input", "max_length": 1}, hint=plain("Hint"), optional=True),
        field("Several", {"type": "multi_static_select", "options": options, "initial_options": options[:1]}),
        field("Checks", {"type": "checkboxes", "options": options}),
        field("Day", {"type": "datepicker"}),
    ]


@pytest.mark.parametrize("reader", [Reader(), Reader(is_dark=True)], indirect=True, ids=["light", "dark"])
def test_all_words_can_be_read_on_their_ground(own_stage: Stage) -> None:
    main = own_stage.show(*everything(), errors={"Name-block": "Too long"}, answer={"ok": False, "error": "Away"})
    main.get_by_role("button", name="Plain").click()
    main.get_by_role("combobox", name="Several").click()
    expect(main.get_by_role("option")).to_have_count(2)

    faint = [(words, ratio) for words, ratio in own_stage.page.evaluate(CONTRASTS) if ratio < TEXT_CONTRAST]

    assert faint == []


@pytest.mark.parametrize("reader", [PHONE], indirect=True)
def test_whatever_is_pressed_is_large_enough_for_a_finger(own_stage: Stage) -> None:
    main = own_stage.show(*everything())
    main.get_by_role("combobox", name="Several").click()

    sizes = main.locator(".button, .entry-text, .menu-box, .choice, .menu-option").evaluate_all(
        "(nodes) => nodes.map((node) => [node.className, node.getBoundingClientRect().height])"
    )

    assert len(sizes) >= 9
    assert [size for size in sizes if size[1] < 36] == []


def test_what_has_the_keyboard_is_marked(stage: Stage) -> None:
    stage.show(actions(button("Go")))

    stage.page.keyboard.press("Tab")

    expect(stage.page.get_by_role("button", name="Go")).to_have_css("outline-style", "solid")


def test_each_line_has_its_own_direction(stage: Stage) -> None:
    main = stage.show(section("מחק *web-1*\nEnglish"))

    left, right = main.locator(".mrkdwn").evaluate("""(node) => {
      const place = (text) => {
        const range = document.createRange();
        range.selectNodeContents(text);
        return range.getBoundingClientRect();
      };
      return [place(node.lastChild).left, place(node.firstChild).right].map(Math.round);
    }""")

    box = main.locator(".mrkdwn").bounding_box()
    assert box is not None
    assert left <= box["x"] + 1
    assert right >= box["x"] + box["width"] - 1


def test_motion_is_reduced_for_who_wants_that(own_stage: Stage) -> None:
    own_stage.page.emulate_media(reduced_motion="reduce")
    go = own_stage.show(actions(button("Go")), answer="later").get_by_role("button", name="Go")

    go.click()

    assert go.evaluate("(node) => getComputedStyle(node, '::after').animationTimingFunction") == "steps(8)"
