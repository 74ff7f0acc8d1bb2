"""Every address, and who may view it or send a form to it: one table for all tests over the whole surface.

A new address, or a new model in the admin, fails `test_addresses.py` until it is entered here.
"""

ROLES = {"V": "Viewer", "E": "Editor", "A": "Approver", "D": "Administrator"}
ALL = "VEAD"
# Who may view (GET) and who may send (POST). "-" in the second place: it accepts no POST.
MATRIX = {
    "home": ("/", ALL, "-"),
    "figures": ("/figures/", ALL, "-"),
    # The user's own choice.
    "follow": ("/follow/", ALL, ALL),
    "obligations": ("/obligations/", ALL, "-"),
    "why": ("/obligations/{obligation}/why/", ALL, "-"),
    "submissions": ("/submissions/", ALL, "-"),
    "coverage": ("/coverage/", ALL, "-"),
    # Everybody may edit and download a draft, which is not stored (test_draft_issues.py).
    "draft-issues": ("/submissions/{submission}/issues/", ALL, ALL),
    "draft-issues-file": ("/submissions/{submission}/issues.docx", ALL, ALL),
    "report-life": ("/submissions/{submission}/", ALL, "-"),
    "check-report": ("/submissions/{submission}/check/", ALL, "EA"),
    "compare-checklists": ("/submissions/{submission}/compare/", ALL, "EA"),
    "search": ("/search/", ALL, "-"),
    "suggest": ("/search/suggest/", ALL, "-"),
    "states": ("/states/", ALL, "-"),
    "state": ("/states/NOR/", ALL, "-"),
    "state-history": ("/states/NOR/history/", ALL, "-"),
    "state-correspondence": ("/states/NOR/correspondence/", ALL, "-"),
    "restore": ("/history/treaty-action/{version}/restore/", "E", "E"),
    "edit": ("/edit/review/{review}/", "E", "E"),
    # It undoes what the person has just changed; nobody else's change (test_undo.py).
    "undo": ("/undo/", "-", ALL),
    "record": ("/record/", ALL, "-"),
    "record-submission": ("/states/NOR/record-submission/", "E", "E"),
    "record-date": ("/states/NOR/record-date/", "E", "E"),
    "record-review": ("/states/NOR/record-review/", "E", "E"),
    "record-prior-to-reporting": ("/states/NOR/record-prior-to-reporting/", "E", "E"),
    "record-withdrawal": ("/states/NOR/record-withdrawal/", "E", "E"),
    "record-deposit": ("/states/NOR/record-deposit/", "E", "E"),
    "pause-state": ("/states/NOR/pause/", "A", "A"),
    "pause-report": ("/obligations/{obligation}/pause/", "A", "A"),
    "end-pause": ("/pauses/{pause}/end/", "-", "A"),
    "reminders": ("/reminders/", ALL, "-"),
    "approve-reminders": ("/reminders/approve/", "-", "A"),
    "undo-approval": ("/reminders/approve/undo/", "-", "A"),
    "outbox-act": ("/reminders/act/", "-", "A"),
    "outbox-undo": ("/reminders/act/undo/", "-", "A"),
    "forecast": ("/reminders/forecast/", ALL, "-"),
    "clock": ("/reminders/clock/", ALL, "A"),
    "reminder": ("/reminders/{reminder}/", ALL, "-"),
    "reminder-html": ("/reminders/{reminder}/html/", ALL, "-"),
    "reminder-calendar": ("/reminders/{reminder}/calendar.ics", ALL, "-"),
    "covering": ("/reminders/{reminder}/covering/", "-", "A"),
    "report-proof": ("/reminders/proof/NOR/", ALL, "-"),
    "report-proof-file": ("/reminders/proof/NOR.xlsx", ALL, "-"),
    "mail": ("/reminders/mail/{mail}/", ALL, "-"),
    "mail-html": ("/reminders/mail/{mail}/html/", ALL, "-"),
    "mail-calendar": ("/reminders/mail/{mail}/calendar.ics", ALL, "-"),
    "close-answers": ("/reminders/mail/{mail}/close-answers/", "-", "EA"),
    "another-contact": ("/reminders/{reminder}/another/", "-", "A"),
    "paper-file": ("/correspondence/{paper}/files/{paper_file}/", ALL, "-"),
    "messages": ("/messages/", ALL, "-"),
    "message": ("/messages/{message}/", ALL, "-"),
    "tasks": ("/tasks/", ALL, "-"),
    "task": ("/tasks/{task}/", ALL, "EA"),
    "settle-tasks": ("/tasks/settle/", "-", "EA"),
    "reopen-tasks": ("/tasks/reopen/", "-", "EA"),
    "correspondence": ("/correspondence/", ALL, "-"),
    "act-on-papers": ("/correspondence/act/", "-", "A"),
    "last-numbers": ("/correspondence/numbers/", ALL, "A"),
    "undo-papers": ("/correspondence/undo/", "-", "EA"),
    "write-paper": ("/correspondence/write/", "EA", "EA"),
    "receive-paper": ("/correspondence/receive/", "EA", "EA"),
    "runs": ("/correspondence/runs/", ALL, "-"),
    "new-run": ("/correspondence/runs/new/", "EA", "EA"),
    "run": ("/correspondence/runs/{run}/", ALL, "-"),
    "run-act": ("/correspondence/runs/{run}/act/", "-", "EA"),
    "run-pdf": ("/correspondence/runs/{run}/papers.pdf", ALL, "-"),
    "run-docx": ("/correspondence/runs/{run}/papers.zip", ALL, "-"),
    "paper": ("/correspondence/{paper}/", ALL, "-"),
    "paper-act": ("/correspondence/{paper}/act/", "-", "EA"),
    "attach-files": ("/correspondence/{paper}/attach/", "-", "EA"),
    "edit-paper": ("/correspondence/{paper}/edit/", "EA", "EA"),
    "paper-pdf": ("/correspondence/{paper}/paper.pdf", ALL, "-"),
    "paper-docx": ("/correspondence/{paper}/paper.docx", ALL, "-"),
    "addresses": ("/correspondence/addresses/", ALL, "-"),
    "dispatch": ("/correspondence/dispatches/{dispatch}/", ALL, "-"),
    "address-act": ("/correspondence/addresses/act/", "-", "A"),
    "unreachable": ("/correspondence/unreachable/", ALL, "-"),
    "confirm-contact": ("/correspondence/contacts/{contact}/confirm/", "E", "E"),
    "directory": ("/correspondence/directory/{contacts_file}/", "E", "E"),
    "undo-confirmation": ("/correspondence/contacts/undo/", "-", "E"),
    "sessions": ("/sessions/", ALL, "-"),
    "expected-years": ("/calendar/years/", ALL, "-"),
    "add-expected-years": ("/calendar/years/add/", "E", "E"),
    "follow-up": ("/follow-up/", ALL, "-"),
    "session": ("/sessions/{session}/", ALL, "-"),
    "new-session": ("/sessions/new/", "E", "E"),
    "edit-session": ("/sessions/{session}/edit/", "E", "E"),
    "session-held": ("/sessions/{session}/held/", "-", "E"),
    "act-on-agenda": ("/sessions/{session}/act/", "-", "E"),
    "add-to-session": ("/sessions/{session}/add/", "E", "E"),
    "participation": ("/participation/", ALL, "-"),
    "amendments": ("/amendments/", ALL, "-"),
    "amendment": ("/amendments/{amendment}/", ALL, "-"),
    "positions": ("/amendments/{amendment}/positions/", ALL, "E"),
    "reconciliation": ("/reconciliation/", "E", "E"),
    "imports": ("/imports/", ALL, "-"),
    "import-upload": ("/imports/upload/", "-", "E"),
    "import": ("/imports/{import}/", "E", "-"),
    "import-act": ("/imports/{import}/act/", "-", "E"),
    "import-template": ("/imports/template/submissions.csv", ALL, "-"),
    "import-export": ("/imports/export/submissions.csv", ALL, "-"),
    "late": ("/late/", ALL, "-"),
    "report-late": ("/reports/late/", ALL, "-"),
    "report-late-file": ("/reports/late.pdf", ALL, "-"),
    "report-participation": ("/reports/participation/", ALL, "-"),
    "report-participation-file": ("/reports/participation.xlsx", ALL, "-"),
    "report-note": ("/reports/note/NOR/", ALL, "-"),
    "report-note-file": ("/reports/note/NOR.pdf", ALL, "-"),
    "report-dossier": ("/reports/dossier/NOR/", ALL, "-"),
    "report-dossier-file": ("/reports/dossier/NOR.pdf", ALL, "-"),
    "annual-report": ("/annual-report/", ALL, "-"),
    "annual-report-file": ("/annual-report.csv", ALL, "-"),
    "pictures": ("/pictures/", ALL, "-"),
    "picture-parties": ("/pictures/parties/", ALL, "-"),
    "picture-initial-reports": ("/pictures/initial-reports/", ALL, "-"),
    "picture-lateness": ("/pictures/lateness/", ALL, "-"),
    "picture-regions": ("/pictures/regions/", ALL, "-"),
    "picture-ahead": ("/pictures/ahead/", ALL, "-"),
    "queue": ("/queue/", ALL, "-"),
    "calendar": ("/calendar/", ALL, "-"),
    "calendar-feeds": ("/calendar/feeds/", ALL, ALL),
    "state-calendar": ("/states/NOR/calendar.ics", ALL, "-"),
    "what-if": ("/what-if/", ALL, "-"),
    "to-confirm": ("/to-confirm/", ALL, "-"),
    "confirm-non-receipt": ("/to-confirm/non-receipt/", "-", "E"),
    "days-to-confirm": ("/to-confirm/days/", ALL, "-"),
    "settle-action": ("/to-confirm/days/action/{action}/", "E", "E"),
    "settle-next": ("/to-confirm/next/", ALL, "-"),
    "settle-state": ("/to-confirm/states/NOR/", ALL, "-"),
    "settle-fact": ("/to-confirm/fact/review/{review}/", "E", "E"),
    "keep-records": ("/to-confirm/keep-records/", "ED", "ED"),
    "settle-date": ("/to-confirm/days/date/{date}/", "E", "E"),
    "dates-to-confirm": ("/to-confirm/dates/", ALL, "-"),
    # The page says who confirms; only an approver can (test_to_confirm.py).
    "second-look": ("/to-confirm/dates/{waiting}/", ALL, ALL),
    "save-view": ("/views/", "-", ALL),
    "keep-columns": ("/views/columns/", "-", ALL),
    "saved-view": ("/views/{view}/", ALL, "-"),
    # For everybody but its owner there is no such view (test_saved_views.py).
    "view-on-today": ("/views/{view}/today/", "-", ALL),
    "delete-view": ("/views/{view}/delete/", "-", ALL),
    # The user's own digest.
    "digest": ("/digest/", ALL, ALL),
    "digest-html": ("/digest/html/", ALL, "-"),
    "read-day": ("/read-day/", ALL, "-"),
    "help": ("/help/", ALL, ALL),
    "terms": ("/help/terms/", ALL, "-"),
    "languages": ("/languages/", ALL, "-"),
    "texts": ("/languages/fr/", ALL, "-"),
    "text": ("/languages/fr/{text}/", ALL, "ED"),
    "confirm-texts": ("/languages/fr/confirm/", "-", "ED"),
    "undo-texts": ("/languages/undo/", "-", "ED"),
    "texts-file": ("/languages/fr/catalogue.po", ALL, "-"),
    "upload-texts": ("/languages/fr/upload/", "ED", "ED"),
    # The user's own token.
    "api": ("/api/", ALL, ALL),
    # The user's own; the second step of signing in redirects a user who has completed it (test_second_factor.py).
    "second-factor": ("/second-factor/", ALL, ALL),
    "own-password": ("/password/", ALL, ALL),
    "second-step": ("/login/code/", ALL, ALL),
    "account": ("/account/", ALL, "-"),
    "people": ("/people/", "D", "-"),
    "invite": ("/people/invite/", "D", "D"),
    "person": ("/people/{user}/", "D", "D"),
    "person-act": ("/people/{user}/act/", "-", "D"),
    "security-log": ("/security-log/", "D", "-"),
    # An address that one Administrator gives another (test_second_administrator.py).
    "second-administrator": ("/second-administrator/nothing-of-ours/", "D", "D"),
    "logout": ("/logout/", "-", ALL),
}
OPEN = {
    "login": "/login/",
    "healthz": "/healthz",
    "healthz-live": "/healthz/live",
    "healthz-ready": "/healthz/ready",
    "answer-thanks": "/answer/thanks/",
    "set-password": "/welcome/MQ/nothing-of-ours/",  # without a valid secret it only says so (test_people.py)
    "api-openapi": "/api/v1/openapi.json",  # a description without facts
    "robots": "/robots.txt",
}
# Everybody may send a form to it, signed in or not.
SENT_BY_ALL = {"language": "/language/"}
# For everybody, signed in or not, if the public view is on; else for nobody. All are read-only.
PUBLIC = {
    "public": "/public/",
    "public-late": "/public/late/",
    "public-state": "/public/states/NOR/",
    "public-data": "/public/data/",
    "public-data-file": "/public/data/obligations.json",
}
# Leads to the address without the code, if the public view is on (test_public_languages.py).
PUBLIC_ONWARD = {"public-in-english": "/public/en/"}
# For those who have a secret (test_calendar.py, test_digest.py, test_answer_by_link.py, test_confirm_by_link.py); for
# everybody else there is no such address.
BY_TOKEN = {
    "calendar-feed": "/calendar.ics",
    "digest-off": "/digest/off/",
    "answer": "/answer/nothing-of-ours/",
    "confirm": "/confirm/nothing-of-ours/",
}
# For programs with a token (test_api.py); being signed in gives no access.
BY_BEARER = {
    "api-states": "/api/v1/states",
    "api-actions": "/api/v1/actions",
    "api-obligations": "/api/v1/obligations",
    "api-submissions": "/api/v1/submissions",
    "api-reviews": "/api/v1/reviews",
    "api-status": "/api/v1/status",
}
# Without a setting there is no /metrics (test_metrics.py).
NOWHERE = {"api-nowhere": "/api/v1/nowhere", "metrics": "/metrics", "public-nowhere": "/public/nowhere/"}
# For everybody, if it is configured (test_oidc.py); else there is no such address.
IF_OFFERED = {"sign-in-elsewhere": "/login/organisation/", "back-from-elsewhere": "/login/organisation/back/"}
# For every browser, signed in or not; accepts only POST (test_headers.py).
BY_BROWSER = {"csp-report": "/csp-report/"}
# The admin's pages without a model; a viewer never opens it.
ADMIN = {
    "index": ("/admin/", "EAD", "EAD"),
    "app_list": ("/admin/registry/", "EAD", "EAD"),
    "password_change": ("/admin/password_change/", "EAD", "EAD"),
    "password_change_done": ("/admin/password_change/done/", "EAD", "-"),
    "autocomplete": ("/admin/autocomplete/", "", "-"),  # no field uses it
    "jsi18n": ("/admin/jsi18n/", "EAD", "-"),
    "view_on_site": ("/admin/r/{state_type}/NOR/", "EAD", "EAD"),
    "auth_user_password_change": ("/admin/auth/user/{user}/password/", "D", "D"),
}
# Who may view, add, change and delete the rows of each model of the admin.
FACT = ("EAD", "E", "E", "E")
MODELS = {
    "registry_state": ("EAD", "ED", "ED", "D"),
    "registry_treatyaction": FACT,
    "registry_contact": FACT,
    "registry_amendment": FACT,
    "registry_amendmentposition": FACT,
    "registry_statement": FACT,
    "registry_regiondesk": ("EAD", "D", "D", "D"),
    "obligations_submission": FACT,
    "obligations_committeedate": ("EAD", "E", "E", "EA"),
    "obligations_informationrequest": FACT,
    "obligations_nonreceipt": FACT,
    "obligations_review": FACT,
    "obligations_printeddate": FACT,
    "reminders_reminderrule": ("EAD", "D", "D", "D"),
    "correspondence_paperrule": ("EAD", "D", "D", "D"),
    "correspondence_papertext": ("EAD", "D", "D", "D"),
    "correspondence_confirmationrule": ("EAD", "D", "D", "D"),
    "correspondence_letterhead": ("EAD", "", "D", ""),
    "obligations_agendaitem": FACT,
    "obligations_expectedyear": FACT,
    "obligations_committeesession": FACT,
    "obligations_sessiondeadline": ("EAD", "D", "D", "D"),
    "consideration_guidelines": ("EAD", "D", "D", "D"),
    "consideration_guidelineitem": ("EAD", "D", "D", "D"),
    "consideration_itemquestion": ("EAD", "ED", "ED", "ED"),
    "auth_user": ("D", "D", "D", ""),
    "auth_group": ("D", "", "", ""),
}
VIEWS = ("changelist", "add", "change", "delete", "history", "simple_history")
# Addresses that only redirect, and those that return a file or a part of a page.
ONWARD = {"settle-next", "saved-view", "second-step"}
FRAMELESS = {
    *("mail-calendar", "reminder-calendar", "digest-html", "read-day", "suggest"),
    *("mail-html", "reminder-html", "import-template", "import-export", "state-calendar"),
    *("report-late-file", "report-participation-file", "report-dossier-file", "report-proof-file"),
    *("report-note-file", "annual-report-file", "texts-file", "paper-file", "paper-pdf", "paper-docx"),
    *("run-pdf", "run-docx", "draft-issues-file"),
}
# The other form of a file.
OTHERWISE = {
    "import-export": "/imports/export/submissions.xlsx",
    "report-proof-file": "/reminders/proof/NOR.pdf",
    "report-participation-file": "/reports/participation.pdf",
    "report-dossier-file": "/reports/dossier/NOR.xlsx",
    "annual-report-file": "/annual-report.pdf",
}
