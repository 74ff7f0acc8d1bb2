"""The names of columns that a page has for its stacked rows."""

from __future__ import annotations

import pytest
from django.template import Context, Template

from tracker.web.ui.tables import label_columns

HEAD = '<thead><tr><th scope="col">{}</th><th scope="col" class="day">{}</th></tr></thead>'

TERM = (
    '<button popovertarget="term-1">Due date</button>'
    '<span class="definition" id="term-1" popover><strong>Due date</strong> … <a href="/help/">All terms</a></span>'
)


def table(*headings: str, attributes: str = ' class="rows"', before: str = "") -> str:
    return f"<table{attributes}>{before}{HEAD.format(*headings)}<tbody><tr><td>1</td><td>2</td></tr></tbody></table>"


@pytest.mark.parametrize(
    ("headings", "names"),
    [
        (("Treaty", "Due"), ' data-c1="Treaty&ensp;" data-c2="Due&ensp;"'),
        (("State", "Due"), ' data-c2="Due&ensp;"'),
        (("Report", "Status"), ""),
        (
            ("<bdi>iso2</bdi>", 'The "other" name'),
            ' data-c1="iso2&ensp;" data-c2="The &quot;other&quot; name&ensp;"',
        ),
        (("A &lt; B", "C &amp; D"), ' data-c1="A &lt; B&ensp;" data-c2="C &amp; D&ensp;"'),
        ((TERM, "Why"), ' data-c1="Due date&ensp;" data-c2="Why&ensp;"'),
        (('<span aria-hidden="true">#</span><span class="unseen">Number</span>', ""), ""),
    ],
)
def test_a_table_has_the_names_of_its_columns_but_of_those_that_speak_for_themselves(
    headings: tuple[str, str], names: str
) -> None:
    assert label_columns(table(*headings)) == table(*headings, attributes=f' class="rows"{names}')


def test_a_sorted_column_is_named_without_the_words_for_screen_readers() -> None:
    found = label_columns(table('<a href="?sort=-due">Due<span class="unseen">, sort</span></a>', "Article"))
    assert found.startswith(
        '<table class="rows" data-c1="Due&ensp;" data-c2="Article&ensp;"><thead data-label="Sort by">'
    )


def test_each_table_has_its_own_names_also_after_one_without_headings() -> None:
    counts = "<table><caption>Counts</caption><tbody><tr><th>Late</th><td>2</td></tr></tbody></table>"
    caption = "<caption>Kenya</caption>\n"
    page = f"<h1>Due</h1>{counts}{table('Day', 'What', before=caption)}{table('Who', 'Why')}<p>end</p>"
    assert label_columns(page) == (
        f"<h1>Due</h1>{counts}"
        + table(
            "Day", "What", attributes=' class="rows" data-c1="Day&ensp;" data-c2="What&ensp;"', before=caption
        )
        + table("Who", "Why", attributes=' class="rows" data-c1="Who&ensp;" data-c2="Why&ensp;"')
        + "<p>end</p>"
    )


def test_what_a_page_writes_is_escaped_once() -> None:
    page = Template("{% load tracker %}{% labelled_columns %}<p>{{ said }}</p>{% endlabelled_columns %}")
    assert page.render(Context({"said": "<b>"})) == "<p>&lt;b&gt;</p>"
