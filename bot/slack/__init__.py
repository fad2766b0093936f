"""Slack: what is heard, and what is said."""
