"""The content of a report: plain text and figures. Page, workbook and PDF show it, and add nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from tracker.languages.writing import in_words, with_semicolons

NOTHING = "—"  # in an empty cell


@dataclass(frozen=True)
class Mark:
    """A status as a word with a mark.

    Attributes:
        css: the class of the status (`STATUS_CLASSES`), by which page and PDF draw the mark.
    """

    text: str
    css: str


@dataclass(frozen=True)
class DocumentLink:
    """A text with an address: a link on the page and in the workbook, a footnote in the PDF."""

    text: str
    address: str


Cell = str | int | date | Mark | DocumentLink | None
DocumentRow = tuple[Cell, ...]


@dataclass(frozen=True)
class DocumentColumn:
    """A column of a table.

    Attributes:
        share: of the room that the other columns leave, as a number to the others' numbers; 0: as wide as its
            longest cell, which is then never broken.
        end: whether its cells, numbers or days, are aligned on their end.
    """

    label: str
    share: int = 0
    end: bool = False


@dataclass(frozen=True)
class DocumentGroup:
    """Rows that belong together; without heading where a table has but one group."""

    rows: tuple[DocumentRow, ...]
    heading: str = ""


@dataclass(frozen=True)
class DocumentTable:
    """Columns, and rows of as many cells; `total` closes it."""

    columns: tuple[DocumentColumn, ...]
    groups: tuple[DocumentGroup, ...]
    total: DocumentRow | None = None

    @property
    def is_wide(self) -> bool:
        """Whether it takes the whole width; else it is as wide as its cells."""
        return any(column.share for column in self.columns)


@dataclass(frozen=True)
class DocumentSection:
    """A part of a report.

    Attributes:
        key: for links within the page.
        says: sentences before the table.
        notes: remarks after the table.
    """

    key: str
    heading: str
    says: tuple[str, ...] = ()
    table: DocumentTable | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportDocument:
    """A report of a day.

    Attributes:
        name: of its files, before the day: “late” gives late-2026-11-22.pdf.
        says: the sentences under the title.
        links: related pages.
        footnotes: whether the PDF prints the addresses of links in footnotes.
        one_page: whether the PDF is set smaller, if need be, to fit one page; there is no workbook of it.
    """

    name: str
    title: str
    day: date
    says: tuple[str, ...]
    sections: tuple[DocumentSection, ...]
    links: tuple[DocumentLink, ...] = ()
    footnotes: bool = False
    one_page: bool = False

    @property
    def product(self) -> str:
        """The name of the product; in the header of every page."""
        return _("Article 12 tracker")

    @property
    def treaty(self) -> str:
        """The treaty in full, once in each report."""
        return _(
            "Optional Protocol to the Convention on the Rights of the Child on the sale of children, child "
            "prostitution and child pornography"
        )

    @property
    def as_of(self) -> str:
        """Its as-of day; in the header of every page."""
        return _("As of %(day)s") % {"day": in_words(self.day)}


def table_of(columns: tuple[DocumentColumn, ...], rows: list[DocumentRow]) -> DocumentTable | None:
    """A table of one group; None if there are no rows."""
    return DocumentTable(columns, (DocumentGroup(tuple(rows)),)) if rows else None


def shown(cell: Cell) -> str:
    """A cell in words, as page and PDF show it."""
    if cell is None or cell == "":
        return NOTHING
    if isinstance(cell, date):
        return in_words(cell)
    return cell.text if isinstance(cell, Mark | DocumentLink) else str(cell)


def listed(
    key: str,
    heading: str,
    columns: tuple[DocumentColumn, ...],
    rows: list[DocumentRow],
    notes: tuple[str, ...] = (),
) -> DocumentSection:
    """A section with a table, or with a sentence that nothing is recorded."""
    says = () if rows else (_("None is recorded."),)
    return DocumentSection(key, heading, says, table_of(columns, rows), notes)


def joined(*parts: str) -> str | None:
    """The texts that are not empty, in one cell."""
    return with_semicolons(parts) or None
