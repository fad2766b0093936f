"""Reading JSON from the wire without trusting its shape."""

from typing import Any, TypeAlias

# Blocks, metadata and payloads are whatever their sender made them: they have no type until somebody looks.
Json: TypeAlias = dict[str, Any]


def as_object(value: object) -> Json:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[Json]:
    """The JSON objects of an array; none if it is not an array."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def string(value: object) -> str:
    """The value if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""
