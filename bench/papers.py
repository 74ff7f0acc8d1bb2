"""Measures papers in a scratch PostgreSQL: one note, and a run to every State, drafted, printed and as editable files.

One PDF of a run is compared with a PDF of each of its papers, an editable file with the PDF of the same paper.
"""

from __future__ import annotations

import io
import logging
import zipfile

from bench.reminders import line, print_ratio, seconds
from bench.scratch import TODAY, database, shipped, tidy

ALL, RUN, EDITABLE = 60.0, 0.9, 1.0  # the targets: seconds, and ratios


def main() -> None:
    with database("papers"):
        import django

        django.setup()
        logging.getLogger("tracker").setLevel(logging.ERROR)  # there is no broker
        shipped()
        measure()


def measure() -> None:
    from tests.correspondence import samples
    from tracker.correspondence import papers, rendering, runs
    from tracker.correspondence.models import Paper
    from tracker.registry.models import Contact, State

    note = samples.a_paper(["en"], "note", "mission", "prior", samples.subjects()["prior"])
    rendering.pdf_of([note])  # reads the fonts
    rendering.docx_of(note)
    pdf = seconds(lambda: rendering.pdf_of([note]))
    docx = seconds(lambda: rendering.docx_of(note))
    print_ratio("one note", ("PDF", pdf), ("DOCX", docx), docx / pdf, "")

    Contact.objects.all().delete()
    Contact.objects.bulk_create(
        Contact(
            state=state,
            name=f"Mission of {state.name}"[:120],
            email=f"{state.pk.lower()}@example.org",
            kind="mission",
        )
        for state in State.objects.all()
    )
    tidy()
    codes = list(State.objects.order_by("sort_name").values_list("pk", flat=True))
    words = {"en": "{office} informs {state} that its offices will move on 1 January 2027.\n\n" * 3}
    run = runs.begin(runs.prepare(by="ada", title="Offices", states=codes, words=words, day=TODAY))
    drafting = seconds(lambda: runs.carry_on(run, day=TODAY))
    every = list(Paper.objects.filter(run=run).order_by("number"))
    contents = [paper.content for paper in every]
    assert len(contents) == len(codes)
    line(f"draft a run of {len(every)} notes", drafting)

    together = seconds(lambda: rendering.pdf_of(contents))
    each = seconds(lambda: [rendering.pdf_of([content]) for content in contents])
    print_ratio("PDF", ("each", each), ("all in one", together), together / each, f"at most {RUN}")

    def folder() -> None:
        with zipfile.ZipFile(io.BytesIO(), "w", zipfile.ZIP_STORED) as archive:
            for paper in every:
                archive.writestr(f"{paper.pk}.docx", rendering.docx_of(paper.content))

    zipped = seconds(folder)
    print_ratio("folder", ("PDF each", each), ("DOCX each", zipped), zipped / each, f"at most {EDITABLE}")
    initials = seconds(lambda: [papers.initial(paper, by="bob") for paper in every])
    line("initial all, each with its PDF in the database", initials)
    whole = drafting + together + zipped + initials
    line("a run from the first draft to the last file", whole, f"at most {ALL:.0f} s")


if __name__ == "__main__":
    main()
