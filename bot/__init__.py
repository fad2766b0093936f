"""Lightkeeper, the bot.

A deletion goes through this folder so:

slack/door        what Slack sends, proved to be Slack's and read (payloads)
slack/listeners   parsed (grammar), acknowledged, answered (answers)
ask               a command becomes a row, and a card on its way
decide            a click becomes a decision; freezing: all of them stop; notifying: a channel hears of it
judge             whether somebody may: policy and guards (scoped settings), by the rules of the moment
follower, steps   the row is carried forward (in a loop): intent, call, operations, absence
lightsail         AWS: calls, roles (behalf, attributes), what an error proves; outages listens for bad credentials
slack/outbox      cards (card) and threads (lines) are made to match the rows
slack/desk        permissions (permitting, slack/rights) and look-ups (looking, memory, slack/pages) for people
slack/story       a deletion's story, from its rows of the audit alone; retention lets go of old ones
slack/directory   who is in which user group, and who must not decide
slack/modals      the forms: a name to type, a reason to give
slack/words       what people and AWS say, made to say nothing but itself; every message is made of it
doctor/           whether all that the bot stands on is well; slack/checkup tells admins, shell_doctor a shell
serve, cli        the process; the shell commands, with rulefile for permissions as a file
sandbox/          a local Slack and Lightsail, for the demo and for tests
"""
