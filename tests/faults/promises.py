"""What must be true of a deletion when all is over, whatever happened on the way."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from sqlmodel import select

from bot.lightsail.client import SEND_WITHIN
from bot.limits import REPEAT_AFTER
from bot.sandbox.slack import Message
from bot.slack import lines
from bot.slack.blocks import Message as Sent
from bot.slack.card import card
from bot.slack.voice import MRKDWN
from storage.tables import LIVE, Audit, CardCopy, Deletion, Delivery, Notice, NoticeKind, State
from tests.conftest import World
from tests.faults.story import NAME, Story, Wish

ENDS = {Wish.DELETE: State.DELETED, Wish.STOP: State.CANCELLED, Wish.NOTHING: State.EXPIRED}
_SOONEST = REPEAT_AFTER - timedelta(seconds=SEND_WITHIN)  # between two intents, each sent within some seconds
_STATUSES = ["NotStarted", "Started", "Succeeded"]  # AWS's, in their order


def broken(story: Story) -> list[str]:
    """The promises that were not kept, each in a sentence; none, if all is well."""
    world = story.world
    deletion = world.deletion()
    with world.database.reading() as tx:
        notices = list(tx.exec(select(Notice).order_by("id")))
        copies = list(tx.exec(select(CardCopy)))
        audit = list(tx.exec(select(Audit).where(Audit.deletion_id == deletion.id).order_by("id")))
    return [
        *_of_aws(world, deletion, story.wish),
        *_of_thread(story, deletion, notices, [row.event for row in audit].count("operation")),
        *_of_card(story, deletion, copies),
        *_of_audit(deletion, audit),
    ]


def _of_aws(world: World, deletion: Deletion, wish: Wish) -> list[str]:
    wanted = int(wish is Wish.DELETE)
    called_at = [call.at for call in world.aws.calls("DeleteInstanceSnapshot")]
    pauses = [later - earlier for earlier, later in pairwise(called_at)]
    return _untrue(
        {
            f"The deletion ends as {deletion.state}.": deletion.state is ENDS[wish],
            f"AWS accepted {world.deletes()} calls.": world.deletes() == wanted,
            "The snapshot's being there is not what was wished for.": world.exists(NAME) is not bool(wanted),
            f"AWS was called again after {pauses}.": all(pause > _SOONEST for pause in pauses),
        }
    )


def _of_thread(story: Story, deletion: Deletion, notices: Sequence[Notice], stored: int) -> list[str]:
    """Every notice is a line, in the order in which they became true; each is there once, and no other."""
    root = story.card()
    replies = story.world.slack.thread(story.channel, root.ts) if root else []
    said = [block["text"]["text"] for reply in replies for block in reply.blocks]
    wanted = [lines.line(deletion, notice, MRKDWN) for notice in notices]
    statuses = [notice.facts["status"] for notice in notices if notice.kind is NoticeKind.STATUS]
    kinds = [notice.kind for notice in notices]
    return _untrue(
        {
            f"The thread says {said}, and not {wanted}.": said == wanted,
            f"AWS's statuses are told as {statuses}.": statuses == [one for one in _STATUSES if one in statuses],
            "A status that was stored is not told.": len(statuses) == stored,
            f"What is told is {kinds}.": kinds.count(NoticeKind.ENDED) == 1 and kinds[-1] is NoticeKind.ENDED,
            "A notice is not in Slack, as far as the bot knows.": {one.delivery for one in notices} == {Delivery.SENT},
        }
    )


def _of_card(story: Story, deletion: Deletion, copies: Sequence[CardCopy]) -> list[str]:
    cards = story.world.slack.messages(story.channel)
    wanted = card(deletion)
    return _untrue(
        {
            f"There are {len(cards)} cards.": len(cards) == len(copies) == 1,
            f"The card says {[one.reads() for one in cards]}, and not {wanted.text}.": all(
                one.text == wanted.text and is_shown(one, wanted) for one in cards
            ),
            "The bot does not know what its card shows.": all(
                (copy.delivery, copy.shown_version) == (Delivery.SENT, copy.wanted_version) for copy in copies
            ),
        }
    )


def _of_audit(deletion: Deletion, audit: Sequence[Audit]) -> list[str]:
    """One row for each move, in a chain from the question to the end."""
    moves = [(row.facts["before"], row.event) for row in audit if "before" in row.facts]
    path = [State.ASKING, *(State(after) for _, after in moves)]
    events = [row.event for row in audit]
    return _untrue(
        {
            f"The moves are {moves}.": [before for before, _ in moves] == path[:-1],
            f"The path is {path}.": path[-1] == deletion.state and not set(LIVE) & {path[-1]},
            f"There are {deletion.attempt} attempts, and the path is {path}.": path.count(State.DELETING)
            == deletion.attempt,
            f"What is on the record is {events}.": events.count("asked") == 1,
        }
    )


def is_shown(shown: Message, wanted: Sent) -> bool:
    """Whether a message has the blocks that it should; Slack gives ids to those that have none."""
    blocks = [{name: value for name, value in block.items() if name != "block_id"} for block in shown.blocks]
    return blocks == [{name: value for name, value in block.items() if name != "block_id"} for block in wanted.blocks]


def _untrue(promises: dict[str, bool]) -> list[str]:
    return [words for words, is_kept in promises.items() if not is_kept]
