from tests.web.correspondence.conftest import a_circular
from tests.web.conftest import *
from tests.web.pages import *
import pytest

pytestmark = pytest.mark.django_db


def test_try(note, mission, staff, django_assert_max_num_queries):
    for a in [
        "/correspondence/",
        f"/correspondence/{note.pk}/",
        f"/correspondence/{note.pk}/edit/",
        f"/correspondence/{note.pk}/paper.pdf",
        "/correspondence/write/",
        "/correspondence/write/?state=DNK",
        "/correspondence/write/?state=DNK&occasion=overdue&contact=%d" % mission.pk,
        "/correspondence/write/?state=DNK&occasion=other&contact=%d" % mission.pk,
        "/correspondence/receive/",
        "/correspondence/receive/?state=DNK",
        f"/correspondence/receive/?answers={note.pk}",
    ]:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as c:
            r = staff.get(a)
        print("=====", a, r.status_code, len(c), len(r.content))
        if "html" in r.headers["Content-Type"]:
            print(words(one_of(read(r), "main"))[:1500])
    r = staff.post(
        f"/correspondence/{note.pk}/act/",
        {"act": "initial", "seen": note.changed_at.isoformat()},
        follow=True,
    )
    print(words(one_of(read(r), "main"))[:1200])
    r = press_undo(staff, r)
    print(words(one_of(read(r), "main"))[:400])
