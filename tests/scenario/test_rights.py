"""Permissions from the chat: granted, revoked, listed, explained; and what everybody sees of it."""

from typing import Any

import pytest
from sqlmodel import select

from bot.sandbox import company
from bot.sandbox.slack import Message, Person
from storage.tables import Permission
from tests.conftest import World

NAME = company.OLD_RELEASE


def ready(world: World, **settings: Any) -> None:  # noqa: ANN401  (as `World.start` takes them)
    world.start(lightkeeper_admins=world.staff.cleo.id, **settings)
    world.grant(world.staff.ann)


def says(world: World, person: Person, command: str, words: str) -> Message:
    """Type a command, and wait for the answer to the person alone."""
    assert person.types(f"/snapshot {command}", world.staff.ops).error is None
    return world.hears(person, words)


def rules(world: World) -> list[Permission]:
    with world.database.reading() as tx:
        return list(tx.exec(select(Permission)))


def test_an_admin_grants_and_the_person_may_at_once(world: World) -> None:
    ready(world)
    dan = world.staff.dan
    answer = says(world, world.staff.cleo, f'grant <@{dan.id}|dan> delete web-* --for 8h --note "summer"', "✅ Done")

    assert "may delete web-*" in answer.reads()
    assert "(“summer”)" in answer.reads()
    card = world.ask(dan, NAME)
    dan.clicks("Delete snapshot", message=card)
    world.reads(card, "✅ Deleted")
    assert world.audit()[:2] == ["granted", "granted"]


def test_what_is_granted_for_a_time_ends_with_it(world: World) -> None:
    ready(world)
    says(world, world.staff.cleo, f"grant {world.staff.dan.id} delete web-* --for 8h", "✅ Done")
    world.clock.skip(hours=8, seconds=1)

    says(world, world.staff.dan, f"delete {NAME}", "You may not delete")
    says(world, world.staff.cleo, "permissions", "ended")


def test_only_admins_grant_and_a_refusal_is_on_the_record(world: World) -> None:
    ready(world)
    says(world, world.staff.ann, f"grant {world.staff.ann.id} admin", "Only admins can do that. Ask @Cleo.")
    says(world, world.staff.bob, "revoke 1", "Only admins can do that.")

    assert [row.action for row in rules(world)] == ["delete"]
    assert world.audit()[-2:] == ["grant_refused", "revoke_refused"]


def test_a_rule_about_everything_is_asked_for_twice(world: World) -> None:
    ready(world)
    cleo, dan = world.staff.cleo, world.staff.dan
    question = says(world, cleo, f"grant {dan.id} delete", "Are you sure?")
    assert "may delete every snapshot" in question.reads()
    assert len(rules(world)) == 1
    cleo.clicks("Yes, grant it", message=question)

    world.hears(cleo, "✅ Done")
    assert rules(world)[-1].subject == dan.id


def test_who_is_no_admin_any_more_when_they_are_sure_grants_nothing(world: World) -> None:
    ready(world)
    row = world.grant(world.staff.bob, "admin")
    question = says(world, world.staff.bob, f"grant {world.staff.dan.id} delete", "Are you sure?")
    world.revoke(row)
    world.staff.bob.clicks("Yes, grant it", message=question)

    world.hears(world.staff.bob, "Only admins can do that.")
    assert [one.subject for one in rules(world)] == [world.staff.ann.id, world.staff.bob.id]


def test_a_note_calls_nobody(world: World) -> None:
    ready(world, notify_channel=world.staff.general.id)
    answer = says(
        world, world.staff.cleo, f'grant {world.staff.dan.id} view web-* --note "<!channel> *now*"', "✅ Done"
    )
    news = world.slack.wait_for(lambda: world.slack.messages(world.staff.general), what="news")

    assert "<!channel>" not in str([answer.blocks, answer.text, news[0].blocks, news[0].text])


def test_who_is_not_sure_leaves_it(world: World) -> None:
    ready(world)
    question = says(world, world.staff.cleo, f"grant {world.staff.dan.id} admin", "Are you sure?")
    world.staff.cleo.clicks("Leave it", message=question)

    world.hears(world.staff.cleo, "nothing was changed")
    assert len(rules(world)) == 1


def test_the_channel_of_outcomes_hears_of_every_change_and_of_who_gave_it_to_themselves(world: World) -> None:
    ready(world, notify_channel=world.staff.general.id)
    cleo = world.staff.cleo
    says(world, cleo, "grant me delete web-*", "You gave this to yourself")
    says(world, cleo, "revoke 2", "✅ Taken back")

    def told() -> bool:
        return len(world.slack.messages(world.staff.general)) == 2

    world.slack.wait_for(told, what="two lines of news")
    first, second = (message.reads() for message in world.slack.messages(world.staff.general))
    assert first.startswith("🔑 cleo granted: Rule 2: @Cleo may delete web-*.")
    assert "They gave it to themselves" in first
    assert second.startswith("🔑 cleo took back: Rule 2")


def test_a_revoked_rule_counts_no_more_and_stays_in_the_list(world: World) -> None:
    ready(world)
    says(world, world.staff.cleo, "revoke 1", "✅ Taken back")

    says(world, world.staff.ann, f"delete {NAME}", "You may not delete")
    listed = says(world, world.staff.cleo, "permissions", "Rules")
    assert "ended · Rule 1" in listed.reads().replace("_", "")
    says(world, world.staff.cleo, "revoke 1", "Rule 1 has ended already")
    says(world, world.staff.cleo, "revoke 99", "There is no rule 99")


def test_what_is_so_already_is_not_granted_twice(world: World) -> None:
    ready(world)
    dan = world.staff.dan
    says(world, world.staff.cleo, f"grant {dan.id} delete web-*", "✅ Done")
    says(world, world.staff.cleo, f"grant {dan.id} delete web-* --for 1h", "that is so already")

    assert len(rules(world)) == 2


def test_the_last_admin_stays(world: World) -> None:
    world.start()
    world.grant(world.staff.bob, "admin")
    bob = world.staff.bob
    says(world, bob, "revoke 1", "that would leave nobody who can hand out permissions")
    says(world, bob, f"grant {bob.id} admin --deny", "Are you sure?")
    question = world.hears(bob, "Are you sure?")
    bob.clicks("Yes, deny it", message=question)

    world.slack.wait_for(
        lambda: sum("that would leave nobody" in one.reads() for one in world.slack.ephemerals(to=bob)) >= 1, what="no"
    )
    assert len(rules(world)) == 1


def test_a_group_of_slack_is_granted_to_by_its_handle(world: World) -> None:
    group = world.slack.group("ops-team", members=(world.staff.dan,))
    ready(world)
    world.wait_for_directory()
    answer = says(world, world.staff.cleo, "grant @ops-team delete web-*", "✅ Done")

    assert "@ops-team" in says(world, world.staff.cleo, "permissions", "ops-team").reads()
    assert rules(world)[-1].subject == group.id
    assert answer is not None
    world.ask(world.staff.dan, NAME)


@pytest.mark.parametrize("who", ["@nobody-here", "S0NOSUCHGROUP"])
def test_nobody_is_granted_to_who_is_not_there(world: World, who: str) -> None:
    ready(world)
    world.wait_for_directory()
    says(world, world.staff.cleo, f"grant {who} delete web-*", "Nothing was changed.")

    assert len(rules(world)) == 1


def test_a_name_that_slack_left_as_it_is_finds_the_person(world: World) -> None:
    ready(world)
    says(world, world.staff.cleo, "grant @Dan delete web-*", "✅ Done")

    assert rules(world)[-1].subject == world.staff.dan.id


def test_who_is_no_admin_sees_what_is_about_them(world: World) -> None:
    ready(world)
    own = says(world, world.staff.ann, "permissions", "Rules about you")
    assert "Rule 1: @Ann may delete every snapshot" in own.reads()
    says(world, world.staff.dan, "permissions", "No rules about you.")
    says(world, world.staff.dan, f"permissions {world.staff.ann.id}", "Only admins can do that.")


def test_a_long_list_is_read_page_by_page(world: World) -> None:
    ready(world)
    for number in range(40):
        world.grant(world.staff.dan, "view", f"web-{number}-*")
    cleo = world.staff.cleo
    first = says(world, cleo, "permissions", "1 to 15 of 41")
    cleo.clicks("More", message=first)
    second = world.hears(cleo, "16 to 30 of 41")
    assert second.buttons() == ["Back", "More"]
    cleo.clicks("More", message=second)
    last = world.hears(cleo, "31 to 41 of 41")
    assert last.buttons() == ["Back"]
    cleo.clicks("Back", message=last)
    world.hears(cleo, "16 to 30 of 41")


# Can


def test_an_admin_is_told_which_rule_decides(world: World) -> None:
    ready(world)
    world.grant(world.staff.dan, "delete", "web-*")
    world.grant(world.staff.dan, "delete", "web-1-*", deny=True)
    cleo, dan = world.staff.cleo, world.staff.dan

    no = says(world, cleo, f"can {dan.id} delete {NAME}", "👥 Not alone").reads()
    assert "Rule 3: @Dan may not delete web-1-*" in no
    assert "/snapshot revoke 3" in no
    yes = says(world, cleo, f"can {world.staff.ann.id} delete {NAME}", "✅ Yes").reads()
    assert "By Rule 1: @Ann may delete every snapshot" in yes
    none = says(world, cleo, f"can {world.staff.bob.id} approve {NAME}", "No rule gives that").reads()
    assert f"/snapshot grant {world.staff.bob.id} approve {NAME}" in none


def test_an_admin_is_told_which_guard_decides(world: World) -> None:
    ready(world)
    guarded = says(world, world.staff.cleo, f"can {world.staff.ann.id} delete {company.PROTECTED}", "❌ No").reads()
    both = says(world, world.staff.cleo, f"can {world.staff.dan.id} delete {company.PROTECTED}", "No rule").reads()
    several = says(world, world.staff.cleo, f"can {world.staff.ann.id} delete {company.TWICE}", "exists twice").reads()
    alone = f"can {world.staff.ann.id} delete {company.TWICE} --region eu-west-1"
    last = says(world, world.staff.cleo, alone, "👥 Not alone").reads()

    assert "It is protected by its tag" in guarded
    assert "Whatever rules say: It is protected by its tag" in both
    assert "--region eu-west-1" in several
    assert "It is the last snapshot of" in last


def test_who_joins_a_group_may_and_who_leaves_it_may_no_more(world: World) -> None:
    world.slack.group("ops-team", members=(world.staff.bob,))
    ready(world)
    world.wait_for_directory()
    says(world, world.staff.cleo, "grant @ops-team delete web-*", "✅ Done")
    says(world, world.staff.dan, f"delete {NAME}", "You may not delete")
    world.slack.group("ops-team", members=(world.staff.dan,))
    world.clock.skip(seconds=30)
    world.wait_for_directory()
    listed = says(world, world.staff.dan, "permissions", "Rules about you").reads()
    world.ask(world.staff.dan, NAME)

    assert "Rule 2: @ops-team may delete web-*" in listed
    says(world, world.staff.bob, "permissions", "No rules about you.")


def test_a_rule_is_as_narrow_as_it_was_typed(world: World) -> None:
    ready(world)
    options = "--region us-east-1 --tag env=staging --tag temporary --deny"
    said = says(world, world.staff.cleo, f"grant * delete web-* {options}", "✅ Done").reads()

    assert "everybody may not delete web-* in us-east-1 with the tag env=staging, temporary" in said
    assert rules(world)[-1].tags == {"env": "staging", "temporary": None}
    assert rules(world)[-1].effect == "deny"


def test_everybody_may_ask_about_themselves_and_about_nobody_else(world: World) -> None:
    ready(world)
    says(world, world.staff.ann, f"can me delete {NAME}", "✅ Yes")
    says(world, world.staff.ann, f"can {world.staff.bob.id} delete {NAME}", "Only admins can do that.")
    says(world, world.staff.cleo, "can me admin anything", "✅ Yes")


def test_a_name_that_is_not_there_is_answered_with_the_nearest_command(world: World) -> None:
    ready(world)
    answer = says(world, world.staff.cleo, f"can {world.staff.ann.id} delete web-1-2024-5-1", "Did you mean").reads()

    assert f"/snapshot can {world.staff.ann.id} delete {NAME}" in answer
