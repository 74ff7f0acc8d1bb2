"""How the API describes values, as JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable

from tracker.web.api.parameters import Schema

TEXT: Schema = {"type": "string"}
TEXT_OR_NOTHING: Schema = {"type": ["string", "null"]}
DAY: Schema = {"type": "string", "format": "date"}
DAY_OR_NOTHING: Schema = {"type": ["string", "null"], "format": "date"}
NUMBER: Schema = {"type": "integer"}
NUMBER_OR_NOTHING: Schema = {"type": ["integer", "null"]}
COUNT: Schema = {"type": "integer", "minimum": 0}
YES_OR_NO: Schema = {"type": "boolean"}
CODE: Schema = {"type": "string", "pattern": "^[A-Z]{3}$"}


def one_of(values: Iterable[str]) -> Schema:
    """One of several words."""
    return {"type": "string", "enum": [str(one) for one in values]}


def one_of_or_nothing(values: Iterable[str]) -> Schema:
    """One of several words, or null if nothing is recorded."""
    return {"enum": [*(str(one) for one in values), None]}


def may_be_null(schema: Schema) -> bool:
    """Whether a value may be missing."""
    return "null" in schema.get("type", ()) or None in schema.get("enum", ())


def fields(**schemas: Schema) -> Schema:
    """An object with exactly these fields; a missing value is null."""
    return {
        "type": "object",
        "properties": schemas,
        "required": list(schemas),
        "additionalProperties": False,
    }


def several(of: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": of}
