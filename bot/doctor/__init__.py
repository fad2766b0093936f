"""Looks at everything the bot stands on, changes nothing, and says what to do about what is not well."""
