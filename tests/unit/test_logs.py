"""What is logged, without what would let its reader act for somebody."""

import logging

import pytest

from bot import logs


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-2345-6789-AbCdEf",
        "xoxp-1",
        "xapp-1-A0-23-abc",
        "https://hooks.slack.com/commands/T024BE7LD/123/abcDEF",
        "https://hooks.slack.com/actions/T024BE7LD/123/abcDEF?x=1",
        "http://127.0.0.1:4000/actions/T0ACME0000/1/2f",
        "wss://wss-primary.slack.com/link/?ticket=12348&app_id=5678",
        "13345224609.738474920.8088930838d88f008e0",
        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    ],
)
@pytest.mark.parametrize("around", ["{}", "before {} after", "'{}'", "({}),", '{{"x": "{}"}}'])
def test_a_secret_is_hidden_and_what_is_around_it_stays(secret: str, around: str) -> None:
    assert logs.discreet(around.format(secret)) == around.format("[hidden]")


def test_the_password_of_a_database_is_hidden() -> None:
    assert logs.discreet("at postgresql://keeper:hush@db/x") == "at postgresql://[hidden]@db/x"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "the card of D-7F2KQ can't be posted in C024BE7LR: is_archived",
        "error 1f2e3d4c",
        "web-1-2024-05-01",
        "6f1e9a52-6c1b-4b8b-9f5e-0b6f2f3a4c5d",
        "1795428900.123456",
        "https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/",
        "http://127.0.0.1:5000/api/chat.postMessage",
    ],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert logs.discreet(text) == text


def test_a_traceback_is_as_discreet_as_its_message() -> None:
    error = RuntimeError("could not reach https://hooks.slack.com/commands/T1/2/3")
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "error %s for %s", ("1f2e3d4c", "xoxb-1"), None)
    record.exc_info = (RuntimeError, error, None)
    written = logs.Discreet(logs.FORMAT).format(record)

    assert "RuntimeError: could not reach [hidden]" in written
    assert "error 1f2e3d4c for [hidden]" in written
