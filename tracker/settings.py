"""Settings of the Article 12 tracker.

Each call of `setting` reads one setting from the environment; docs/reference.md shows all of them in a table made
from these calls (`make reference`). Without any of them the tracker runs from its own folder: SQLite, a broker on a
Unix socket, and mail stored in var/mailbox.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from tracker import environment, logs, metrics_folder, private, schedule
from tracker.environment import choice, number, setting
from tracker.fixed_settings import *  # noqa: F403 - Django reads all settings from one module

BASE_DIR = Path(__file__).resolve().parent.parent

# --- from the environment: database, broker, mail ----------------------------------------------

VAR_DIR = setting(
    "VAR_DIR",
    environment.folder,
    str(BASE_DIR / "var"),
    shown="`var/` in the project",
    meaning="Folder for the state of the embedded parts: SQLite, broker, mail, logs, generated key.",
    example="/var/lib/tracker",
)
private.keep_private(VAR_DIR)
DATABASES = {
    "default": setting(
        "DATABASE_URL",
        environment.database,
        f"sqlite:///{quote(str(VAR_DIR))}/db.sqlite3",
        shown="SQLite in `VAR_DIR`",
        meaning="The database: PostgreSQL or SQLite. "
        "With TLS add `?sslmode=verify-full&sslrootcert=/folder/ca.crt`.",
        example="postgresql://user:password@host:5432/name",
    )
}
CELERY_BROKER_URL = setting(
    "REDIS_URL",
    environment.broker,
    f"redis+socket://{VAR_DIR}/run/broker.sock",
    shown="the Valkey that `make run` starts",
    meaning="The broker: Redis or Valkey. With TLS `rediss://…?ssl_ca_certs=/folder/ca.crt`.",
    example="redis://host:6379/0",
)
MAIL = setting(
    "EMAIL_URL",
    environment.mail(
        to_server="tracker.reminders.backends.AnswerKeepingBackend",
        to_folder="tracker.reminders.backends.MaildirBackend",
    ),
    f"filemail://{quote(str(VAR_DIR))}/mailbox",
    shown="the folder `mailbox` in `VAR_DIR`",
    meaning="The mail server, or a folder that stores mail and sends none.",
    example="smtp+tls://user:password@host:587",
)
DEFAULT_FROM_EMAIL = setting(
    "DEFAULT_FROM_EMAIL",
    environment.text,
    "Article 12 desk <article12@example.org>",
    meaning="Sender of all mail.",
    example="Article 12 desk <article12@example.org>",
)
REPLY_TO = setting(
    "REPLY_TO",
    environment.mailbox,
    meaning="Mailbox that people read: answers to mail about States without a desk officer go there. Without it they "
    "go to the sender, and become tasks if `BOUNCES_URL` is set.",
    example="article12-desk@example.org",
)
BOUNCES = setting(
    "BOUNCES_URL",
    environment.bounces,
    meaning="Mailbox of the sender, which receives returned mail and answers: `imaps://`, `imap+tls://` or "
    "`maildir:///folder`. Every message becomes a task or is recorded. Without it nothing is read.",
    example="imaps://user:password@host/INBOX",
)

MAIL_CA = setting(
    "MAIL_CA",
    environment.authority,
    meaning="File (PEM) with your own certificate authority, trusted beside those of the system for `EMAIL_URL` and "
    "`BOUNCES_URL`.",
    example="/etc/ssl/office-ca.pem",
)

# --- from the environment: the site ------------------------------------------------------------

DEBUG = setting(
    "DEBUG", environment.flag, "off", meaning="Django's debug pages. Never on in production.", example="on"
)
SECRET_KEY = environment.secret_key(
    setting(
        "SECRET_KEY",
        environment.text,
        shown="generated once in `VAR_DIR`",
        meaning="Key for signatures: 50 or more random characters, the same on every machine.",
        example="output of `python3 -c 'import secrets; print(secrets.token_urlsafe(64))'`",
    ),
    VAR_DIR / "secret_key",
    any_will_do=DEBUG,
)
ALLOWED_HOSTS = setting(
    "ALLOWED_HOSTS",
    environment.words,
    "localhost,127.0.0.1,[::1]",
    meaning="Host names that the web server answers to.",
    example="tracker.example.org",
)
# Before SITE_URL, which `make run` makes of it.
PORT = setting("PORT", environment.port, "8000", meaning="Port of `make run`.", example="8001")
SITE_URL = setting(
    "SITE_URL",
    environment.site,
    meaning="Address of the site for links in mail. Without it mail has no links. `make run` sets it.",
    example="https://tracker.example.org",
)
HTTPS_ONLY = setting(
    "HTTPS_ONLY",
    environment.flag,
    "off" if DEBUG else "on",
    shown="`on`, with `DEBUG` `off`",
    meaning="Secure cookies, redirect to HTTPS, HSTS. `make run` turns it off.",
    example="off",
)
HSTS_SCOPE = setting(
    "HSTS_SCOPE",
    choice("host", "subdomains", "preload"),
    "host",
    meaning="What browsers open by HTTPS only for a year: this host; with `subdomains` also its subdomains; with "
    "`preload` also what browsers ship with. Both are hard to undo and concern other services of the domain.",
    example="subdomains",
)
PROXIES = setting(
    "PROXIES",
    number(least=0),
    "0",
    meaning="Number of your own proxies in front of the web server: how many addresses of `X-Forwarded-For` to trust. "
    "A proxy that is not counted is reported to administrators, by `check --deploy`, `watch` and the log.",
    example="1",
)
ADMINISTRATOR_EMAIL = setting(
    "ADMINISTRATOR_EMAIL",
    environment.mailbox,
    meaning="Address shown when a page fails or a permission is missing.",
    example="help@example.org",
)

# --- from the environment: the office ----------------------------------------------------------

PERIODIC_RULE = setting(
    "PERIODIC_RULE",
    choice("article-12-2", "treaty-calendar", "plain"),
    "article-12-2",
    meaning="Due dates of periodic reports. `article-12-2`: as the Committee states them; `treaty-calendar`: "
    "every five years under CRC art. 44(1)(b); `plain`: a five-year series of its own for every State. "
    "See [decision 26](decisions/0026-the-committees-word.md).",
    example="treaty-calendar",
)
TIME_ZONE = setting(
    "TIME_ZONE",
    environment.time_zone,
    "UTC",
    meaning="Time zone of the office: it says which day is today, so when a report becomes overdue. Moments in lists, "
    "logs and the API stay in UTC.",
    example="America/New_York",
)
REMINDERS_APPROVAL = setting(
    "REMINDERS_APPROVAL",
    choice("required", "automatic"),
    "required",
    meaning="`required`: a person approves each mail to a State; `automatic`: mail is sent at once, as in `make run`.",
    example="automatic",
)
REMINDERS_DAYS = setting(
    "REMINDERS_DAYS",
    environment.weekdays,
    "mon-fri",
    meaning="Days on which the hourly scan sends. `make run` sends on all.",
    example="sun-thu",
)
REMINDERS_DAYS_OF = setting(
    "REMINDERS_DAYS_OF",
    environment.weekdays_of_states,
    meaning="Other working days of single States, by alpha-3 code.",
    example="sun-thu:EGY,JOR;sat-wed:IRN",
)
REMINDERS_HOURS = setting(
    "REMINDERS_HOURS",
    environment.hours,
    "6-18",
    meaning="Hours in `TIME_ZONE` in which the hourly scan sends; `6-18` is 06:00 to 17:59. "
    "`make run` sends at any hour.",
    example="0-24",
)
FOUR_EYES = setting(
    "FOUR_EYES",
    environment.flag,
    "on",
    meaning="A date stated by the Committee takes effect once a second person confirms it, a role once a second "
    "Administrator does. `make run` turns it off. See [decision 28](decisions/0028-second-administrator.md).",
    example="off",
)
DESK_LIMITS = setting(
    "DESK_LIMITS",
    environment.flag,
    "off",
    meaning="Editors and approvers change only the States on their desks; everybody reads all. "
    "See [decision 24](decisions/0024-limits-of-desks.md).",
    example="on",
)
PUBLIC_VIEW = setting(
    "PUBLIC_VIEW",
    environment.flag,
    "off",
    meaning="Shows participation, late States and each State's dates to everybody under `/public/`, "
    "in other languages under `/public/fr/` and so on. "
    "See [decision 23](decisions/0023-public-view.md).",
    example="on",
)

# --- from the environment: signing in ----------------------------------------------------------

SECOND_FACTOR = setting(
    "SECOND_FACTOR",
    choice("optional", "required"),
    "optional",
    meaning="`required`: everybody sets up a second factor before anything else.",
    example="required",
)
OIDC = environment.provider(
    OIDC_ISSUER=setting(
        "OIDC_ISSUER",
        environment.issuer,
        meaning="OpenID Connect provider with which people may sign in. Set all three `OIDC_` settings or none; "
        "register `/login/organisation/back/` there. See [decision 25](decisions/0025-sign-in-elsewhere.md).",
        example="https://login.example.org",
    ),
    OIDC_CLIENT_ID=setting(
        "OIDC_CLIENT_ID",
        environment.text,
        meaning="The tracker's client id at the provider.",
        example="tracker",
    ),
    OIDC_CLIENT_SECRET=setting(
        "OIDC_CLIENT_SECRET", environment.text, meaning="The secret of that client.", example="…"
    ),
)
OIDC_SECOND_FACTOR = setting(
    "OIDC_SECOND_FACTOR",
    choice("own", "trusted"),
    "own",
    meaning="`trusted`: asks for no code if the provider says that several factors were shown.",
    example="trusted",
)
SESSION_HOURS = setting(
    "SESSION_HOURS", number(), "12", meaning="A session ends so many hours after signing in.", example="8"
)
SESSION_IDLE_MINUTES = setting(
    "SESSION_IDLE_MINUTES",
    number(),
    "120",
    meaning="A session ends so many minutes after the last page.",
    example="30",
)

# --- from the environment: operation -----------------------------------------------------------

SECURITY_LOG_DAYS = setting(
    "SECURITY_LOG_DAYS", number(), "400", meaning="Days for which the security log is kept.", example="365"
)
ANSWERS_DAYS = setting(
    "ANSWERS_DAYS",
    number(),
    "400",
    meaning="Days for which the texts of answers by link and of mail servers are kept after their task is settled.",
    example="90",
)
LOG_FORMAT = setting(
    "LOG_FORMAT",
    choice("line", "json"),
    "line",
    meaning="`line`: log lines for people; `json`: one object a line, with the ids of request and task.",
    example="json",
)
METRICS_TOKEN = setting(
    "METRICS_TOKEN",
    environment.token,
    meaning="Opens `/metrics` to programs that send `Authorization: Bearer TOKEN`: 20 characters or more. "
    "Without it there is no such page.",
    example="output of `python3 -c 'import secrets; print(secrets.token_urlsafe(32))'`",
)
METRICS_DIR = metrics_folder.prepare(
    setting(
        metrics_folder.NAME,
        environment.text,
        shown="`metrics/` in `VAR_DIR`",
        meaning="Folder in which the processes of a host share their metrics. "
        "Set it without `METRICS_TOKEN` for a host that has only workers and the command `metrics`.",
        example="/var/lib/tracker/metrics",
    ),
    VAR_DIR / "metrics",
    wanted=bool(METRICS_TOKEN),
)
WATCH_EMAILS = setting(
    "WATCH_EMAILS",
    environment.mailboxes,
    ADMINISTRATOR_EMAIL,
    shown="`ADMINISTRATOR_EMAIL`",
    meaning="Addresses to which `watch --mail` writes, separated by commas.",
    example="help@example.org,second@example.org",
)

# --- the tracker -----------------------------------------------------------------------------

HORIZON_YEARS = 10  # obligations are derived up to this many years after today
REMINDERS_LEASE_SECONDS = 600  # after this time the process that claimed a reminder counts as dead
REMINDERS_QUIET_DAYS = 14  # at least so many days between two mails to one recipient about one obligation
# The largest file to import: bytes, rows, characters of a cell.
IMPORT_MAX_BYTES, IMPORT_MAX_ROWS, IMPORT_MAX_CELL = 5_000_000, 20_000, 30_000
# Of a file of the register of papers, the largest that is uploaded: deploy/nginx/tracker.conf limits requests by it.
PAPER_MAX_BYTES = 10_000_000
API_REQUESTS_PER_MINUTE = 120  # for each token
# After so many wrong passwords for a user name from an address, both together wait so many minutes.
SIGN_IN_FAILURES, SIGN_IN_PAUSE_MINUTES = 5, 30
UPLOADS_DAYS = 30  # files that were uploaded and never saved are kept so long
MACHINERY_DAYS = 90  # scans and weekly digests are kept so long
WATCH_KEPT_FOR = 30  # seconds for which pages show the last figures of `watch`
CONFIRMED_TEXTS_READ_EVERY = 60  # seconds until a page asks again which texts are confirmed; None for never
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_BACKEND = MAIL["EMAIL_BACKEND"]
EMAIL_FILE_PATH = MAIL.get("EMAIL_FILE_PATH") or None
EMAIL_HOST = MAIL.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = MAIL.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = MAIL.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = MAIL.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = MAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = MAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 30  # seconds

# --- Django ----------------------------------------------------------------------------------

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tracker.web.context.frame",
            ],
        },
    },
]

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "staticfiles"
# Without collected files (tests, first commands) whitenoise serves the source files.
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "tracker.web.ops.static_storage.CollectedFiles"},
}

# --- security --------------------------------------------------------------------------------

SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # no script reads them
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_SSL_REDIRECT = HTTPS_ONLY
# Load balancers and monitors ask without TLS; the answer holds nothing secret.
SECURE_REDIRECT_EXEMPT = [r"^healthz(/live|/ready)?$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS_ONLY else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY and HSTS_SCOPE != "host"
SECURE_HSTS_PRELOAD = HTTPS_ONLY and HSTS_SCOPE == "preload"

AXES_FAILURE_LIMIT = SIGN_IN_FAILURES
AXES_COOLOFF_TIME = timedelta(minutes=SIGN_IN_PAUSE_MINUTES)

# --- logging ---------------------------------------------------------------------------------

LOGGING = logs.configuration(LOG_FORMAT)

# --- Celery ----------------------------------------------------------------------------------

CELERY_BEAT_SCHEDULER = "tracker.beat:Scheduler"
CELERY_BEAT_SCHEDULE = schedule.of_beat(reads_bounces=bool(BOUNCES))
