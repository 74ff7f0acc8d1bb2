"""Fields for days, moments and numbers take the digits of other scripts."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError

from tracker.web.ui.form_fields import MomentField, NumbersField, PrintedDayField


def test_a_month_a_moment_and_numbers_are_read_in_the_digits_of_other_scripts() -> None:
    field = PrintedDayField()
    assert (field.to_python("٢٠٢٧-٠٣"), field.precision) == (date(2027, 3, 31), "month")
    assert (field.to_python("２０２７"), field.precision) == (date(2027, 12, 31), "year")
    assert MomentField().to_python("２０２６－１１－２１　１７：０５") == datetime(
        2026, 11, 21, 17, 5, tzinfo=UTC
    )
    assert NumbersField().to_python("٥-٦") == (5, 6)


@pytest.mark.parametrize("text", ["²", "٦-٥", "五"])
def test_other_signs_are_no_numbers_of_a_report(text: str) -> None:
    with pytest.raises(ValidationError):
        NumbersField().to_python(text)
