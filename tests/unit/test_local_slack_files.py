"""Files that an app uploads, and images in its messages."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.sandbox.slack import SCOPES, Channel, LocalSlack, Person
from bot.sandbox.slack.wire import Json
from tests.unit.conftest import Clock

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
LOOKS_LIKE_A_FORM = b"a=1&b=2"


@pytest.fixture
def slack(clock: Clock) -> Iterator[LocalSlack]:
    with LocalSlack(clock=clock, scopes=[*SCOPES, "files:read", "files:write"]) as slack:
        yield slack


def refused(error: str) -> pytest.RaisesExc[SlackApiError]:
    return pytest.raises(SlackApiError, check=lambda caught: caught.response["error"] == error)


def upload(
    client: WebClient,
    name: str = "chart.png",
    channel: str | None = None,
    initial_comment: str | None = None,
    thread_ts: str | None = None,
) -> str:
    """Upload a picture; its id."""
    told = client.files_upload_v2(
        filename=name, content=PICTURE, channel=channel, initial_comment=initial_comment, thread_ts=thread_ts
    )
    return str(told["files"][0]["id"])


def reserve(client: WebClient, length: int = len(PICTURE), name: str = "chart.png") -> tuple[str, str]:
    told = client.files_getUploadURLExternal(filename=name, length=length)
    return str(told["file_id"]), str(told["upload_url"])


def send(url: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers or {})) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def read(url: str, token: str | None = None) -> tuple[bytes, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return answer.read(), answer.headers.get_content_type()


def image(**slack_file: str) -> Json:
    return {"type": "image", "alt_text": "a chart", "slack_file": slack_file}


# Uploading


def test_slacks_own_client_uploads_a_file(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    told = client.files_upload_v2(filename="chart.png", content=PICTURE, title="A chart", channel=ops.id)["files"][0]
    (file,) = slack.files()

    assert (file.id, file.name, file.title, file.content) == (told["id"], "chart.png", "A chart", PICTURE)
    assert (told["size"], told["mimetype"], told["filetype"]) == (len(PICTURE), "image/png", "png")
    assert told["user"] == slack.bot_user_id


def test_several_files_are_uploaded_into_one_message(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    files = [{"filename": name, "content": name} for name in ("a.txt", "b.txt")]
    client.files_upload_v2(file_uploads=files, channel=ops.id)
    (message,) = slack.messages(ops)

    assert [each["name"] for each in message.files] == ["a.txt", "b.txt"]
    assert message.reads() == "[file: a.txt]\n[file: b.txt]"


def test_bytes_are_kept_as_they_come_even_if_they_look_like_a_form(slack: LocalSlack, client: WebClient) -> None:
    file, url = reserve(client, len(LOOKS_LIKE_A_FORM))

    assert send(url, LOOKS_LIKE_A_FORM) == (200, f"OK - {len(LOOKS_LIKE_A_FORM)}")
    client.files_completeUploadExternal(files=[{"id": file}])
    assert slack.files()[0].content == LOOKS_LIKE_A_FORM


def test_bytes_may_come_in_a_form(slack: LocalSlack, client: WebClient) -> None:
    file, url = reserve(client)
    head = b'--x\r\nContent-Disposition: form-data; name="filename"; filename="chart.png"\r\n\r\n'
    sent = send(url, head + PICTURE + b"\r\n--x--\r\n", {"Content-Type": "multipart/form-data; boundary=x"})
    client.files_completeUploadExternal(files=[{"id": file}])

    assert sent[0] == 200
    assert slack.files()[0].content == PICTURE


def test_a_form_without_a_file_is_refused(client: WebClient) -> None:
    _, url = reserve(client)

    assert send(url, b"--x--\r\n", {"Content-Type": "multipart/form-data; boundary=x"})[0] == 400


def test_another_size_than_was_said_is_refused(client: WebClient) -> None:
    file, url = reserve(client)

    assert send(url, PICTURE[:-1])[0] == 400
    with refused("file_not_found"):
        client.files_completeUploadExternal(files=[{"id": file}])


def test_a_url_that_was_never_given_out_takes_nothing(slack: LocalSlack) -> None:
    assert send(f"{slack.base_url}/upload/v1/x", b"hello")[0] == 404


def test_nothing_is_uploaded_after_the_end(client: WebClient) -> None:
    file, url = reserve(client)
    send(url, PICTURE)
    client.files_completeUploadExternal(files=[{"id": file}])

    assert send(url, PICTURE)[0] == 404
    with refused("file_not_found"):
        client.files_completeUploadExternal(files=[{"id": file}])


def test_what_was_not_completed_is_no_file(slack: LocalSlack, client: WebClient) -> None:
    file, url = reserve(client)
    send(url, PICTURE)

    assert slack.files() == []
    with refused("file_not_found"):
        client.files_info(file=file)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"filename": "x", "length": 0}, "missing_argument"),
        ({"filename": "x", "length": "many"}, "missing_argument"),
        ({"filename": "", "length": 1}, "missing_argument"),
        ({"filename": "x", "length": 1, "alt_txt": "x" * 1001}, "alt_txt_too_large"),
    ],
)
def test_faulty_arguments_of_an_upload_are_refused(client: WebClient, arguments: Json, error: str) -> None:
    with refused(error):
        client.api_call("files.getUploadURLExternal", params=arguments)


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ("", "invalid_arguments"),
        ("[", "invalid_arguments"),
        ("[]", "invalid_arguments"),
        ('[{"id": "F404"}]', "file_not_found"),
    ],
)
def test_faulty_arguments_of_an_end_are_refused(client: WebClient, files: str, error: str) -> None:
    with refused(error):
        client.api_call("files.completeUploadExternal", params={"files": files})


def test_an_upload_fails_on_its_way(slack: LocalSlack, client: WebClient) -> None:
    slack.fail("upload", status=503)
    _, url = reserve(client)

    assert send(url, PICTURE)[0] == 503
    assert send(url, PICTURE)[0] == 200


# Sharing


def test_a_file_is_posted_with_its_comment(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    file = upload(client, channel=ops.id, initial_comment="*Look*")
    (message,) = slack.messages(ops)
    (told,) = client.conversations_history(channel=ops.id)["messages"]

    assert message.reads() == "Look\n[file: chart.png]"
    assert (message.user, message.text) == (slack.bot_user_id, "*Look*")
    assert [each["id"] for each in told["files"]] == [file]


def test_a_file_is_posted_with_blocks(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    file, url = reserve(client)
    send(url, PICTURE)
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*Look*"}}]
    arguments = {"files": json.dumps([{"id": file}]), "channel_id": ops.id, "blocks": json.dumps(blocks)}
    client.api_call("files.completeUploadExternal", params=arguments)

    assert slack.messages(ops)[0].reads() == "Look\n[file: chart.png]"


def test_a_file_is_posted_in_a_thread(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    ts = client.chat_postMessage(channel=ops.id, text="card")["ts"]
    upload(client, channel=ops.id, thread_ts=ts)

    assert [each.reads() for each in slack.thread(ops, ts)] == ["[file: chart.png]"]


def test_a_file_is_posted_in_several_conversations(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    ann, secret = slack.person("Ann"), slack.channel("secret", private=True)
    client.files_upload_v2(filename="chart.png", content=PICTURE, channels=[ops.id, secret.id, ann.id])
    told = client.files_info(file=slack.files()[0].id)["file"]

    assert (told["channels"], told["groups"], told["ims"]) == ([ops.id], [secret.id], [slack.dm(ann).id])
    assert told["shares"]["public"][ops.id][0]["ts"] == slack.messages(ops)[0].ts
    assert told["shares"]["private"].keys() == {secret.id, slack.dm(ann).id}
    assert told["is_public"]


def test_a_file_may_be_shared_with_nobody(slack: LocalSlack, client: WebClient) -> None:
    told = client.files_info(file=upload(client))["file"]

    assert (told["shares"], told["is_public"]) == ({}, False)
    assert slack.workspace.messages() == []


@pytest.mark.parametrize("where", ["C404", "outside", "archived", "secret", "thread"])
def test_what_cannot_be_shared_there_is_not_completed(
    slack: LocalSlack, client: WebClient, ops: Channel, where: str
) -> None:
    channel, error, thread_ts = {
        "C404": ("C404", "channel_not_found", None),
        "outside": (slack.channel("outside", bot=False).id, "not_in_channel", None),
        "archived": (slack.channel("archived", archived=True).id, "is_archived", None),
        "secret": (slack.channel("secret", private=True, bot=False).id, "channel_not_found", None),
        "thread": (ops.id, "thread_not_found", "1.000001"),
    }[where]
    file, url = reserve(client)
    send(url, PICTURE)

    with refused(error):
        client.files_completeUploadExternal(files=[{"id": file}], channel_id=channel, thread_ts=thread_ts)
    assert slack.files() == []


def test_a_file_goes_into_a_hundred_channels_at_most(client: WebClient) -> None:
    file, url = reserve(client)
    send(url, PICTURE)

    with refused("channels_limit_exceeded"):
        client.files_completeUploadExternal(files=[{"id": file}], channels=[f"C{number}" for number in range(101)])


# Reading


def test_the_app_reads_a_file_with_its_token(slack: LocalSlack, client: WebClient) -> None:
    told = client.files_info(file=upload(client))["file"]

    assert read(told["url_private"], slack.bot_token) == (PICTURE, "image/png")
    assert read(told["url_private_download"], slack.bot_token) == (PICTURE, "image/png")


@pytest.mark.parametrize("token", [None, "xoxb-false"])
def test_without_the_token_there_is_a_page_to_sign_in(client: WebClient, token: str | None) -> None:
    told = client.files_info(file=upload(client))["file"]

    assert read(told["url_private"], token)[1] == "text/html"


def test_without_the_scope_there_is_a_page_to_sign_in() -> None:
    with LocalSlack(scopes=["files:write"]) as slack:
        told = WebClient(slack.bot_token, base_url=slack.api_url).files_upload_v2(filename="a.txt", content="hello")

        assert read(told["files"][0]["url_private"], slack.bot_token)[1] == "text/html"


def test_a_page_of_the_same_server_reads_a_file(slack: LocalSlack, client: WebClient) -> None:
    file = upload(client, "a chart.png")

    assert slack.file_path(file) == f"/files/{file}/a%20chart.png"
    assert read(slack.base_url + slack.file_path(file)) == (PICTURE, "image/png")
    assert read(f"{slack.base_url}/files/{file}") == (PICTURE, "image/png")


def test_a_file_that_does_not_exist_has_no_page(slack: LocalSlack) -> None:
    with pytest.raises(LookupError, match="F404"):
        slack.file_path("F404")
    with pytest.raises(urllib.error.HTTPError, match="404") as caught:
        read(f"{slack.base_url}/files/F404")
    caught.value.close()


# Images in messages


@pytest.mark.parametrize("by", ["id", "url_private", "permalink"])
def test_an_image_in_a_message_is_an_uploaded_file(client: WebClient, ops: Channel, by: str) -> None:
    told = client.files_info(file=upload(client))["file"]
    block = image(id=told["id"]) if by == "id" else image(url=told[by])

    assert client.chat_postMessage(channel=ops.id, text="chart", blocks=[block])["ok"]


@pytest.mark.parametrize(
    ("block", "pointer"),
    [
        (image(id="F0NONE000000"), "/blocks/0/slack_file"),
        (image(url="https://files.slack.com/files-pri/T0-F0/x.png"), "/blocks/0/slack_file"),
        (
            {
                "type": "section",
                "text": {"type": "mrkdwn", "text": "x"},
                "accessory": image(id="F0NONE000000"),
            },
            "/blocks/0/accessory/slack_file",
        ),
        ({"type": "context", "elements": [image(id="F0NONE000000")]}, "/blocks/0/elements/0/slack_file"),
    ],
    ids=["id", "url", "accessory", "context"],
)
def test_a_file_that_slack_does_not_have_is_pointed_at(
    client: WebClient, ops: Channel, block: Json, pointer: str
) -> None:
    with refused("invalid_blocks") as caught:
        client.chat_postMessage(channel=ops.id, text="chart", blocks=[block])

    assert caught.value.response["errors"] == [f"invalid slack file [json-pointer:{pointer}]"]


def test_an_id_that_looks_like_none_is_pointed_at(client: WebClient, ops: Channel) -> None:
    with refused("invalid_blocks") as caught:
        client.chat_postMessage(channel=ops.id, text="chart", blocks=[image(id="https://a.example/F1")])

    problem = "input must match regex pattern: ^[F][A-Z0-9]{8,}$ [json-pointer:/blocks/0/slack_file/id]"
    assert caught.value.response["errors"] == [problem]


def test_a_file_that_is_no_image_is_not_shown(client: WebClient, ops: Channel) -> None:
    with refused("invalid_blocks"):
        client.chat_postMessage(channel=ops.id, text="list", blocks=[image(id=upload(client, "list.csv"))])


def test_a_view_shows_no_file_that_slack_does_not_have(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    trigger = slack.person("Ann").command_form("/snapshot", ops)["trigger_id"]
    shown: Json = {"type": "modal", "title": {"type": "plain_text", "text": "Chart"}}

    with refused("invalid_arguments") as caught:
        client.views_open(trigger_id=trigger, view={**shown, "blocks": [image(id="F0NONE000000")]})

    problem = "[ERROR] invalid slack file [json-pointer:/view/blocks/0/slack_file]"
    assert caught.value.response["response_metadata"]["messages"] == [problem]
    assert client.views_open(trigger_id=trigger, view={**shown, "blocks": [image(id=upload(client))]})["ok"]


def test_an_answer_shows_no_file_that_slack_does_not_have(slack: LocalSlack, ops: Channel) -> None:
    url = slack.person("Ann").command_form("/snapshot", ops)["response_url"]
    response = WebhookClient(url).send(text="chart", blocks=[image(id="F0NONE000000")])

    assert (response.status_code, json.loads(response.body)["error"]) == (404, "invalid_blocks")


def test_slack_works_on_a_file_for_a_while(clock: Clock) -> None:
    with LocalSlack(clock=clock, scopes=[*SCOPES, "files:read", "files:write"], file_seconds=5) as slack:
        client, ops = WebClient(slack.bot_token, base_url=slack.api_url), slack.channel("ops")
        file = upload(client)

        assert client.files_info(file=file)["file"]["mimetype"] == ""
        with refused("invalid_blocks"):
            client.chat_postMessage(channel=ops.id, text="chart", blocks=[image(id=file)])
        clock.now += 5
        assert client.files_info(file=file)["file"]["mimetype"] == "image/png"
        assert client.chat_postMessage(channel=ops.id, text="chart", blocks=[image(id=file)])["ok"]


def test_a_person_sees_the_file_that_was_posted(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    ann: Person = slack.person("Ann")
    upload(client, channel=ops.id)

    assert [each.reads() for each in ann.sees(ops)] == ["[file: chart.png]"]
