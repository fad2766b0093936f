"""Stand-ins for Slack and AWS, so that the bot runs and is tested without either."""
