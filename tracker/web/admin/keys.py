"""Keys of rows in addresses of the admin, which anybody can type."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import Model


def could_be_key(model: type[Model], text: str) -> bool:
    """Whether a part of an address can be a key; Django would ask the database for anything."""
    key = model._meta.pk
    try:
        key.run_validators(key.to_python(text))
    except (ValidationError, ValueError):
        return False
    return "\x00" not in text
