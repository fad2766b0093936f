"""Lightkeeper, the bot."""
