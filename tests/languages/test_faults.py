"""What keeps a translation from standing for its English."""

import pytest

from tracker.languages.faults import PluralRule, faults, isolated

TWO = PluralRule(2, lambda n: int(n != 1))
RUSSIAN = PluralRule(
    4,
    lambda n: (
        0 if n % 10 == 1 and n % 100 != 11 else 1 if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else 2
    ),
)
ARABIC = PluralRule(6, lambda n: n if n < 3 else 3 if 3 <= n % 100 <= 10 else 4 if 11 <= n % 100 <= 99 else 5)
FRENCH = PluralRule(3, lambda n: 0 if n < 2 else 1 if n % 1_000_000 == 0 else 2)


def of_one(english: str, translation: str, context: str = "") -> list[str]:
    return [str(fault) for fault in faults(english, "", context, [translation], TWO)]


@pytest.mark.parametrize(
    ("english", "translation"),
    [
        ("Due on %(day)s, %(n)d days late", "%(n)d jours de retard ; échéance : %(day)s"),
        ('<a href="%(url)s">Open</a> it', 'L’<a href="%(url)s">ouvrir</a>'),
        ("62 %% of %(all)d", "62 %% de %(all)d"),
        ("100 % sure", "sûr à 100 %"),
        ("\n  Save\n", "\n  Enregistrer\n"),
        ("Save", ""),  # no translation yet
        ("%s of %s", "%s sur %s"),
    ],
)
def test_a_translation_with_the_same_parts_stands_for_its_english(english: str, translation: str) -> None:
    assert of_one(english, translation) == []


@pytest.mark.parametrize(
    ("english", "translation", "said"),
    [
        ("Due on %(day)s", "Échéance", "The placeholder %(day)s of the English is missing."),
        ("Due on %(day)s", "Le %(jour)s", "The English has no placeholder %(jour)s."),
        ("%(n)d days", "%(n)s jours", "The English has no placeholder %(n)s."),
        ("%(n)d of 9", "%(n)d sur 9 (100 %)", "A percent sign is no part of a placeholder: %)."),
        ("%s of %s", "%s", "The placeholder %s of the English is missing."),
        ("Save", "<b>Enregistrer</b>", "The HTML differs from that of the English: <b> </b>."),
        ("<b>Save</b>", "Enregistrer", "The HTML differs from that of the English: <b> </b>."),
        ("Save", "Enregistrer<script src=x", "The HTML differs from that of the English: <script src=x."),
        ("Save", 'En" onclick="x', 'The HTML differs from that of the English: ".'),
        ("Save", "Enre\ngistrer", "This character does not belong in a text: U+000A."),
        ("Save", "Enre\0gistrer", "This character does not belong in a text: U+0000."),
        ("Save", "Enregistrer\u202e", "This character does not belong in a text: U+202E."),
        ("Save", "Enre\u2028gistrer", "This character does not belong in a text: U+2028."),
        ("Save", "\u2068Enregistrer", "Marks of direction are not closed, or closed twice: \u2068Enregistrer."),
        ("A\n", "B", "The spaces and line breaks at both ends have to be those of the English: B."),
        ("Save", "x" * 10_001, "The text is too long: xxxxxxxxxxxxxxxxxxxx."),
    ],
)  # fmt: skip
def test_a_fault_is_named(english: str, translation: str, said: str) -> None:
    assert said in of_one(english, translation)


def test_every_plural_form_is_compared_and_none_may_be_empty() -> None:
    def said(*forms: str) -> list[str]:
        return [str(fault) for fault in faults("%(n)d report", "%(n)d reports", "", forms, RUSSIAN)]

    assert said("%(n)d доклад", "%(n)d доклада", "%(n)d докладов", "%(n)d доклада") == []
    assert said("%(n)d доклад", "%(n)d доклада") == ["The number of plural forms is wrong: 2 ≠ 4."]
    assert said("%(n)d доклад", "", "%(n)d докладов", "%(n)d доклада") == [
        "A plural form is empty: 2–4, 22–24 …."
    ]
    # The first form is for 21 and 31 too.
    assert said("доклад", "%(n)d доклада", "%(n)d докладов", "%(n)d доклада") == [
        "The placeholder %(n)d of the English is missing."
    ]


def test_a_form_for_one_number_alone_may_leave_the_number_out() -> None:
    forms = ["لا تقارير", "تقرير واحد", "تقريران", "%(n)d تقارير", "%(n)d تقريراً", "%(n)d تقرير"]
    assert list(faults("%(n)d report", "%(n)d reports", "", forms, ARABIC)) == []


@pytest.mark.parametrize(
    ("rule", "examples"),
    [
        (RUSSIAN, ["1, 21 …", "2–4, 22–24 …", "0, 5–20 …", ""]),
        (ARABIC, ["0", "1", "2", "3–10, 103–110", "11–99, 111 …", "100–102"]),
        (FRENCH, ["0–1", "1,000,000 …", "2 …"]),
        (PluralRule(1, lambda n: 0), ["0 …"]),
    ],
)
def test_a_plural_form_is_named_by_its_numbers(rule: PluralRule, examples: list[str]) -> None:
    assert [rule.examples(form) for form in range(rule.count)] == examples


def test_words_in_an_arabic_text_are_isolated_and_numbers_and_tags_are_not() -> None:
    assert isolated("%(state)s: %(n)d") == "\u2068%(state)s\u2069: %(n)d"
    assert isolated('<a href="%(url)s">%(name)s</a>') == '<a href="%(url)s">\u2068%(name)s\u2069</a>'
    assert isolated("\u2068%(state)s\u2069") == "\u2068%(state)s\u2069"  # once
    assert isolated("%(day)s، %(time)s", "day and time") == "%(day)s، %(time)s"


DATE = "%(day)d %(month)s %(year)d"


@pytest.mark.parametrize(
    ("context", "english", "translation", "said"),
    [
        ("date", DATE, "%(year)d年%(number)d月%(day)d日", []),
        ("first day of a month", DATE, "1er %(month)s %(year)d", []),
        ("day and time", "%(day)s, %(time)s", "%(time)s, %(day)s", []),
        # Each of these would break every page with a day, or its reading.
        ("date", DATE, f"{DATE} %(time)s", ["The English has no placeholder %(time)s."]),
        ("date", DATE, f"{DATE} %(day)s", ["The English has no placeholder %(day)d %(day)s."]),
        ("date", DATE, f"{DATE} 100 %", ["A percent sign is no part of a placeholder: %."]),
        ("date", DATE, "%(month)s %(year)d", ["The placeholder %(day)d of the English is missing."]),
        ("date", DATE, "%(day)d %(year)d", ["The placeholder %(month)s of the English is missing."]),
        ("first day of a month", DATE, "%(day)d %(month)s", ["The placeholder %(year)d of the English is missing."]),
        (
            "month of a year",
            "%(month)s %(year)d",
            "%(day)d %(month)s %(year)d",
            ["The English has no placeholder %(day)d."],
        ),
        ("day and time", "%(day)s, %(time)s", "%(day)d, %(time)s", [
            "The placeholder %(day)s of the English is missing.", "The English has no placeholder %(day)d.",
        ]),
    ],
)  # fmt: skip
def test_a_pattern_of_days_has_what_the_day_has(
    context: str, english: str, translation: str, said: list[str]
) -> None:
    assert of_one(english, translation, context) == said
