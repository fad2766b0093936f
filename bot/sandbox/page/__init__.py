"""A page in the browser on which a visitor is one of the people in the local Slack."""

from bot.sandbox.page.page import Page

__all__ = ["Page"]
