"""How texts are marked for translation: each is extracted whole, and spoken in the language of the reader."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django_filters
import django_tables2
import pytest
from django import forms
from django.apps import apps
from django.db.models import AutoField
from django.utils.functional import Promise

TRACKER = Path(__file__).parents[2] / "tracker"
# How many of the first arguments are texts.
TEXTS = {
    "gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "pgettext": 2, "pgettext_lazy": 2,
    "ngettext": 2, "ngettext_lazy": 2, "npgettext": 3, "npgettext_lazy": 3,
}  # fmt: skip
SHORT = {"gettext", "gettext_lazy"}
# Texts that `gettext_noop` marks where they are written, and those of a catalogue (`readiness`).
MARKED_ELSEWHERE = {
    "row.status.value", "text",
    "self.name", "self.meaning", "group",
    "self.pattern", "fault.kind.value",
    "one.context", "one.english", "*both", "n", "sentence",
}  # fmt: skip

# Never shown; the names of languages in themselves.
AS_THEY_ARE = {("Span", "obligation"), ("Reader", "language")}


def faults(tree: ast.AST) -> Iterator[str]:
    """Each marking in a module that no catalogue could serve."""
    called = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for one in node.names:
                if one.name in TEXTS:
                    called[one.asname or one.name] = one.name
                    if one.asname and not (one.asname == "_" and one.name in SHORT):
                        yield f"{node.lineno}: {one.name} as {one.asname}"
    for node in ast.walk(tree):
        # The extraction does not look into an f-string.
        inside = ast.walk(node) if isinstance(node, ast.JoinedStr) else ()
        if any(isinstance(one, ast.Call) and getattr(one.func, "id", "") in called for one in inside):
            yield f"{node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in called:
            for text in node.args[: TEXTS[called[node.func.id]]]:
                literal = isinstance(text, ast.Constant) and isinstance(text.value, str)
                if not literal and ast.unparse(text) not in MARKED_ELSEWHERE:
                    yield f"{node.lineno}: {ast.unparse(text)}"


def test_every_text_is_marked_by_a_known_name_and_as_a_literal() -> None:
    found = {str(path): [*faults(ast.parse(path.read_text()))] for path in TRACKER.rglob("*.py")}
    assert {path: those for path, those in found.items() if those} == {}


@pytest.mark.parametrize(
    "code",
    [
        "from django.utils.translation import gettext_lazy as _lazy",
        "from django.utils.translation import gettext_noop as _",
        "from django.utils.translation import gettext as _\n_(f'{n} reports')",
        "from django.utils.translation import gettext as _\nf\"{_('Reports')}\"",
        "from django.utils.translation import gettext as _\n_('%s reports' % n)",
        "from django.utils.translation import gettext as _\n_(title)",
        "from django.utils.translation import ngettext\nngettext('one report', many, n)",
    ],
)
def test_another_spelling_is_found(code: str) -> None:
    assert len([*faults(ast.parse(code))]) == 1


def subclasses(of: type) -> Iterator[type]:
    for one in of.__subclasses__():
        if one.__module__.startswith("tracker."):
            yield one
        yield from subclasses(one)


def texts() -> Iterator[tuple[str, Any]]:
    """What the program says of its fields, columns and filters, made when it starts."""
    for model in apps.get_models():
        if not model.__module__.startswith("tracker.") or model.__name__.startswith("Historical"):
            continue
        yield model.__name__, model._meta.verbose_name
        yield model.__name__, model._meta.verbose_name_plural
        for field in model._meta.fields:
            if isinstance(field, AutoField) or (model.__name__, field.name) in AS_THEY_ARE:
                continue
            yield f"{model.__name__}.{field.name}", field.verbose_name
            yield f"{model.__name__}.{field.name}", field.help_text
            for _value, label in field.choices or ():
                yield f"{model.__name__}.{field.name}", label
        for constraint in model._meta.constraints:
            if constraint.violation_error_message != constraint.default_violation_error_message:
                yield f"{model.__name__}.{constraint.name}", constraint.violation_error_message
    for form in subclasses(forms.BaseForm):
        for name, one in form.base_fields.items():  # type: ignore[attr-defined]  # every form has them
            yield f"{form.__name__}.{name}", one.label
            yield f"{form.__name__}.{name}", one.help_text
    for table in subclasses(django_tables2.Table):
        for name, column in table.base_columns.items():
            yield f"{table.__name__}.{name}", column.verbose_name
    for chosen in subclasses(django_filters.FilterSet):
        for name, one in chosen.base_filters.items():
            yield f"{chosen.__name__}.{name}", one.label


def test_no_text_of_a_field_is_frozen_in_the_language_of_the_start() -> None:
    import tracker.urls  # noqa: F401 - it reads every page

    assert [(where, text) for where, text in texts() if text and not isinstance(text, Promise)] == []
