"""The terms of correspondence: each with its meaning, as they are written in English."""

from django.utils.translation import gettext_noop

CORRESPONDENCE = (
    (
        gettext_noop("paper"),
        gettext_noop(
            "a note verbale, a letter or a plain mail that the office writes, or a document that it "
            "received; one entry of the register"
        ),
    ),
    (
        gettext_noop("note verbale"),
        gettext_noop(
            "a paper in the third person to a Permanent Mission or a ministry; it has initials and a "
            "stamp, and no signature"
        ),
    ),
    (
        gettext_noop("letter"),
        gettext_noop("a signed paper to a minister or another dignitary"),
    ),
    (
        gettext_noop("occasion"),
        gettext_noop(
            "the reason for a paper: a report falls due or is overdue, a document is transmitted, a "
            "receipt is acknowledged"
        ),
    ),
    (
        gettext_noop("register"),
        gettext_noop(
            "all papers, sent and received, each with a number of its year; no number is missing or given "
            "twice"
        ),
    ),
    (
        gettext_noop("initials"),
        gettext_noop("an Approver agrees to a draft; its PDF is filed, and from then on nobody edits it"),
    ),
    (
        gettext_noop("dispatch"),
        gettext_noop("a paper leaves the office: by e-mail, by courier or by hand"),
    ),
    (
        gettext_noop("acknowledgement"),
        gettext_noop("the recipient confirmed that a paper was received"),
    ),
    (
        gettext_noop("run of papers"),
        gettext_noop("one paper for each of many States, drafted together"),
    ),
)
