"""A local Slack over real HTTP."""
