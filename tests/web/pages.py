"""Reads a page as a person would: its text, its tables, the targets of its links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

ALONE = {"br", "hr", "img", "input", "link", "meta"}


@dataclass
class Element:
    """An element of a page."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Element]:
        """All elements in it, in the order of the page, without those that are hidden until they are opened."""
        for child in self.children:
            if isinstance(child, Element) and "popover" not in child.attributes:
                yield child
                yield from child


class Reader(HTMLParser):
    """Builds the page; an element that is not closed where it should be is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("page")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in ALONE:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in ALONE:
            self.open.pop()  # as inside an SVG

    def handle_endtag(self, tag: str) -> None:
        if tag not in ALONE:
            closed = self.open.pop().name
            assert closed == tag, f"line {self.getpos()[0]}: </{tag}> where <{closed}> is open"

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(answer: Any) -> Element:
    """The page of a response."""
    reader = Reader()
    reader.feed(answer.content.decode())
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].name}> is not closed"
    return reader.open[0]


def all_of(page: Element, name: str, /, **attributes: str) -> list[Element]:
    """All elements of a name; `class_="rows"` asks for one class among several."""
    return [one for one in page if one.name == name and _has(one, attributes)]


def one_of(page: Element, name: str, /, **attributes: str) -> Element:
    """The only element of a name with these attributes."""
    found = all_of(page, name, **attributes)
    assert len(found) == 1, f"{len(found)} of {name} {attributes}"
    return found[0]


def words(element: Element | str) -> str:
    """The text of an element, with normalised spaces."""
    return " ".join("".join(_texts(element)).split())


def table(page: Element, labelled_by: str | None = None) -> list[list[str]]:
    """The cells of the page's (or of a section's) big tables, row by row, without headers and row numbers."""
    where = page
    if labelled_by:
        where = one_of(page, "section", aria_labelledby=labelled_by)
    bodies = [body for one in all_of(where, "table", class_="rows") for body in all_of(one, "tbody")]
    return [
        [words(cell) for cell in row if cell.name in ("td", "th") and not _has(cell, {"class_": "no"})]
        for body in bodies
        for row in all_of(body, "tr")
    ]


def column(page: Element, at: int) -> list[str]:
    """One column of the big table."""
    return [row[at] for row in table(page)]


def messages(page: Element) -> list[str]:
    """The messages at the top of the page."""
    boxes = [*all_of(page, "ul", class_="messages"), *all_of(page, "ul", class_="messagelist")]
    return [words(item) for box in boxes for item in all_of(box, "li")]


def problems(page: Element) -> list[str]:
    """The errors of a form, as our own pages show them."""
    return [words(one) for one in all_of(page, "p", class_="problem")]


def focus_of(page: Element) -> list[str]:
    """The names of the fields at which the page opens: one, or none."""
    return [one.attributes["name"] for one in page if "autofocus" in one.attributes]


def links(element: Element) -> dict[str, str]:
    """The target of each link, by its text."""
    return {words(one): one.attributes["href"] for one in all_of(element, "a")}


def _texts(element: Element | str) -> Iterator[str]:
    if isinstance(element, str):
        yield element
    elif "popover" not in element.attributes:  # which is hidden until it is opened
        for child in element.children:
            yield from _texts(child)


def _has(element: Element, wanted: dict[str, str]) -> bool:
    for name, value in wanted.items():
        found = element.attributes.get(name.rstrip("_").replace("_", "-"), "")
        if value not in (found.split() if name == "class_" else [found]):
            return False
    return True


def in_two_steps(client: Any, address: str, follow: bool = True, **values: Any) -> Any:
    """Opens a form that asks at most for a reason, and sends it as its preview shows it."""
    seen = one_of(read(client.get(address)), "input", name="seen").attributes["value"]
    return client.post(address, {"step": "save", "seen": seen} | values, follow=follow)


def version_shown(client: Any, address: str) -> dict[str, str]:
    """The version of the record that a form shows, as the browser sends it back; nothing if it shows none."""
    answer = client.get(address)
    fields = all_of(read(answer), "input", name="version") if answer.status_code == 200 else []
    return {"version": fields[0].attributes["value"]} if fields else {}


def fields_of(form: Element) -> dict[str, Any]:
    """The data that a browser sends for a form that nobody has touched, without its buttons."""
    sent: dict[str, Any] = {}
    for one in form:
        name, kind = one.attributes.get("name", ""), one.attributes.get("type", "")
        if not name or one.name not in ("input", "select", "textarea") or kind in ("submit", "button"):
            continue
        if one.name == "select":
            chosen = [of.attributes["value"] for of in all_of(one, "option") if "selected" in of.attributes]
            sent[name] = chosen if "multiple" in one.attributes else (chosen or [""])[0]
        elif one.name == "textarea":
            sent[name] = "".join(_texts(one)).removeprefix("\n")
        elif kind not in ("checkbox", "radio") or "checked" in one.attributes:
            sent[name] = one.attributes.get("value", "on" if kind in ("checkbox", "radio") else "")
    return sent


def press_undo(client: Any, answer: Any) -> Any:
    """The response after pressing the button in the messages of a response."""
    form = one_of(one_of(read(answer), "ul", class_="messages"), "form")
    return client.post(form.attributes["action"], fields_of(form), follow=True)
