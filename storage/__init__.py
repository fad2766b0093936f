"""The tables, and the queries over them in their callers' words."""
