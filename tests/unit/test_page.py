"""The page's address space, without a browser."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any
from urllib.error import HTTPError

import pytest

from bot.sandbox import company
from bot.sandbox.company import Company
from bot.sandbox.lightsail import Control
from bot.sandbox.page import Page
from bot.sandbox.slack import LocalSlack
from bot.slack import grammar

Json = dict[str, Any]
Post = Callable[..., Json]


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack(ack_seconds=0.5) as slack:
        yield slack


@pytest.fixture
def staff(slack: LocalSlack) -> Company:
    staff = company.people(slack)
    slack.mount(Page(slack=slack, may=staff.may(), commands=company.COMMANDS))
    return staff


@pytest.fixture
def post(slack: LocalSlack, staff: Company) -> Post:  # noqa: ARG001  (the page is mounted with them)
    def do(deed: str, headers: dict[str, str] | None = None, /, **given: object) -> Json:
        body = json.dumps({"as" if name == "by" else name: value for name, value in given.items()}).encode()
        asked = urllib.request.Request(
            f"{slack.base_url}/page/{deed}", body, {"Content-Type": "application/json", **(headers or {})}
        )
        with urllib.request.urlopen(asked, timeout=10) as answer:
            said: Json = json.loads(answer.read())
            return said

    return do


class Events:
    """The stream of one person, event by event."""

    def __init__(self, slack: LocalSlack, reader: str) -> None:
        self.stream = urllib.request.urlopen(f"{slack.base_url}/page/events?as={reader}", timeout=10)

    def next(self, wanted: str) -> Any:  # noqa: ANN401  (any JSON)
        """What the next event of this name tells."""
        name = ""
        for line in self.stream:
            kind, _, rest = line.decode().rstrip("\n").partition(": ")
            name = rest if kind == "event" else name
            if kind == "data" and name == wanted:
                return json.loads(rest)
        raise AssertionError(f"The stream ended without {wanted}.")


@pytest.fixture
def watch(slack: LocalSlack, staff: Company) -> Iterator[Callable[[str], Events]]:  # noqa: ARG001  (the same)
    opened: list[Events] = []

    def start(reader: str) -> Events:
        opened.append(Events(slack, reader))
        return opened[-1]

    yield start
    for each in opened:
        each.stream.close()


def test_the_stream_begins_with_everything(watch: Callable[[str], Events], staff: Company) -> None:
    hello = watch(staff.bob.id).next("hello")

    assert hello["you"] == staff.bob.id
    assert [person["name"] for person in hello["people"] if person["may"]] == ["Ann", "Bob", "Cleo", "Dan"]
    assert [channel["name"] for channel in hello["channels"]] == ["ops", "general"]
    assert hello["aws"] is None
    assert hello["bot"] is None


def test_somebody_unknown_is_the_first_of_the_company(watch: Callable[[str], Events], staff: Company) -> None:
    assert watch("UNOBODY").next("hello")["you"] == staff.ann.id


def test_a_message_comes_when_it_is_said(watch: Callable[[str], Events], post: Post, staff: Company) -> None:
    events = watch(staff.ann.id)
    events.next("hello")

    post("type", by=staff.bob.id, channel=staff.ops.id, text="Hello <all> & @cleo")

    said = events.next("message")
    assert said["text"] == f"Hello &lt;all&gt; &amp; <@{staff.cleo.id}|cleo>"
    assert said["user"] == staff.bob.id


def test_a_whisper_comes_to_its_reader_alone(watch: Callable[[str], Events], slack: LocalSlack, staff: Company) -> None:
    ann, bob = watch(staff.ann.id), watch(staff.bob.id)
    for events in (ann, bob):
        events.next("hello")

    slack.workspace.post(staff.ops.id, slack.bot_user_id, "Only for Ann", to=staff.ann.id)
    slack.workspace.post(staff.ops.id, slack.bot_user_id, "For all")

    assert ann.next("message")["text"] == "Only for Ann"
    assert bob.next("message")["text"] == "For all"


def test_a_conversation_that_opens_begins_the_stream_again(
    watch: Callable[[str], Events], slack: LocalSlack, staff: Company
) -> None:
    events = watch(staff.ann.id)
    events.next("hello")

    slack.channel("secrets", private=True, members=[staff.ann])

    assert "secrets" in [channel["name"] for channel in events.next("hello")["channels"]]


def test_a_page_elsewhere_can_do_nothing(post: Post, staff: Company) -> None:
    given = {"by": staff.ann.id, "channel": staff.ops.id, "text": "hello"}

    with pytest.raises(HTTPError, match="403"):
        post("type", {"Origin": "https://evil.example"}, **given)
    with pytest.raises(HTTPError, match="403"):
        post("type", {"Host": "evil.example"}, **given)


def test_what_is_no_json_is_refused(post: Post) -> None:
    with pytest.raises(HTTPError, match="400"):
        post("type", {"Content-Type": "text/plain"}, text="hello")


@pytest.mark.parametrize(
    ("deed", "given"),
    [
        ("type", {"channel": "C0OPS0000", "text": "hello"}),
        ("type", {"by": "U0ANN0000", "channel": "CNONE", "text": "hello"}),
        ("type", {"by": "U0ANN0000", "channel": "C0OPS0000", "text": "  "}),
        ("act", {"by": "U0ANN0000", "surface": {"channel": "C0OPS0000", "ts": "1.2"}}),
        ("act", {"by": "U0ANN0000", "surface": {"view": "V1"}}),
        ("submit", {"by": "U0ANN0000", "view": "V1"}),
        ("close", {"by": "U0ANN0000", "view": "V1"}),
        ("suggest", {"by": "U0ANN0000", "surface": {}}),
        ("fault", {"id": "none"}),
        ("aws", {"do": "replace"}),
        ("bot", {"do": "kill"}),
    ],
)
def test_what_cannot_be_done_is_said_in_words(post: Post, deed: str, given: Json) -> None:
    answer = post(deed, **given)

    assert answer["ok"] is False
    assert answer["error"].endswith(".")


def test_a_command_that_nobody_answers_is_told_by_slackbot(
    watch: Callable[[str], Events], post: Post, staff: Company
) -> None:
    events = watch(staff.ann.id)
    events.next("hello")

    assert post("type", by=staff.ann.id, channel=staff.ops.id, text="/snapshot help")["ok"] is True

    assert "failed with the error" in events.next("message")["text"]


@pytest.mark.parametrize("path", ["/static/app.js", "/", "/gallery", "/page/gallery.json"])
def test_a_page_may_load_nothing_from_elsewhere(slack: LocalSlack, staff: Company, path: str) -> None:  # noqa: ARG001
    with urllib.request.urlopen(slack.base_url + path, timeout=10) as answer:
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers.get_all("Cache-Control") == ["no-store"]


@pytest.mark.parametrize("path", ["/static/../page.py", "/static/%2e%2e/page.py", "/static/none.js", "/page/none"])
def test_nothing_else_is_served(slack: LocalSlack, staff: Company, path: str) -> None:  # noqa: ARG001
    with pytest.raises(HTTPError, match="404"):
        urllib.request.urlopen(slack.base_url + path, timeout=10)


def test_the_page_completes_what_the_bot_understands() -> None:
    offered = {command["text"].split()[1] for command in company.COMMANDS if command["text"]}

    assert offered == set(grammar.SUBCOMMANDS)


@pytest.fixture
def broken(slack: LocalSlack, aws: Control, staff: Company) -> Page:
    page = Page(slack=slack, may=staff.may(), aws=aws, regions=company.REGIONS)
    slack.mount(page)
    return page


@pytest.mark.usefixtures("broken")
def test_every_fault_can_be_armed_and_disarmed(watch: Callable[[str], Events], post: Post, staff: Company) -> None:
    faults = [fault["id"] for fault in watch(staff.ann.id).next("hello")["faults"]]
    for fault in faults:
        assert post("fault", id=fault)["ok"] is True
    armed = watch(staff.ann.id).next("hello")["faults"]
    post("heal")
    healed = watch(staff.ann.id).next("hello")["faults"]

    assert len(faults) > 10
    assert all(fault["armed"] for fault in armed)
    assert not any(fault["armed"] for fault in healed)


@pytest.mark.usefixtures("broken")
def test_a_snapshot_can_be_replaced_and_removed(post: Post, aws: Control) -> None:
    name = company.OLD_RELEASE
    (before,) = [each.arn for each in aws.snapshots() if each.name == name]

    post("aws", do="replace", name=name, region="us-east-1")
    (after,) = [each.arn for each in aws.snapshots() if each.name == name]
    post("aws", do="remove", name=name, region="us-east-1")

    assert before != after
    assert name not in [each.name for each in aws.snapshots()]
