"""Settings of the Article 12 tracker: one file, the environment read at the top.

Every name an operator may set is in the README under "Settings". Without any, the tracker runs
from its own folder: SQLite, a broker on a unix socket, and mail kept in var/mailbox.
"""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy

from tracker import environment, logs

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR") or BASE_DIR / "var")  # state of the embedded default

# --- the environment -------------------------------------------------------------------------

DEBUG = environment.flag("DEBUG", default=False)
HTTPS_ONLY = environment.flag("HTTPS_ONLY", default=not DEBUG)
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
DATABASES = {"default": environment.database("DATABASE_URL", f"sqlite:///{quote(str(VAR_DIR))}/db.sqlite3")}
SECRET_KEY = environment.secret("SECRET_KEY", VAR_DIR / "secret_key", any_will_do=DEBUG)
CELERY_BROKER_URL = environment.broker("REDIS_URL", f"redis+socket://{VAR_DIR}/run/broker.sock")
MAIL = environment.mail(
    "EMAIL_URL",
    f"filemail://{quote(str(VAR_DIR))}/mailbox",
    to_server="tracker.reminders.backends.AnswerKeepingBackend",
    to_folder="tracker.reminders.backends.MaildirBackend",
)
PORT = environment.port("PORT", 8000)
# Where people reach the pages, for the links in mails; without it mails have none.
SITE_URL = environment.site("SITE_URL")
# The mailbox to which mail servers return what they could not deliver; without it nobody reads what comes back.
BOUNCES = environment.bounces("BOUNCES_URL")

# Which calendar the periodic reports follow: art. 12(2) with CRC art. 44, or plainly every five years.
PERIODIC_RULE = environment.choice("PERIODIC_RULE", ("article-12-2", "treaty-calendar", "plain"))
# Whether a person releases each mail to a State first.
REMINDERS_APPROVAL = environment.choice("REMINDERS_APPROVAL", ("required", "automatic"))
# At least so many days between two mails to one recipient about one obligation.
REMINDERS_QUIET_DAYS = environment.number("REMINDERS_QUIET_DAYS", 14)
# When the hourly run sends: on the working days of the recipient's week, within these hours in UTC.
REMINDERS_DAYS = environment.weekdays("REMINDERS_DAYS", "mon-fri")
REMINDERS_DAYS_OF = environment.weekdays_of_states("REMINDERS_DAYS_OF")
REMINDERS_HOURS = environment.hours("REMINDERS_HOURS", "6-18")
# Whether a date that the Committee states counts only once a second person has confirmed it.
FOUR_EYES = environment.flag("FOUR_EYES", default=True)
# Whether editors and approvers change only the States on their desks.
DESK_LIMITS = environment.flag("DESK_LIMITS", default=False)
# How large a file of facts may be: its bytes, its rows, the characters of a cell.
IMPORT_MAX_BYTES = environment.number("IMPORT_MAX_BYTES", 5_000_000)
IMPORT_MAX_ROWS = environment.number("IMPORT_MAX_ROWS", 20_000)
IMPORT_MAX_CELL = environment.number("IMPORT_MAX_CELL", 30_000)
# Whether participation, late States and each State's dates are shown to everybody, under /public/.
PUBLIC_VIEW = environment.flag("PUBLIC_VIEW", default=False)
# How often a program may ask the API with one token, in a minute.
API_REQUESTS_PER_MINUTE = environment.number("API_REQUESTS_PER_MINUTE", 120)
# After so many wrong passwords for one user name from one address, that pair waits so many minutes.
SIGN_IN_FAILURES = environment.number("SIGN_IN_FAILURES", 5)
SIGN_IN_PAUSE_MINUTES = environment.number("SIGN_IN_PAUSE_MINUTES", 30)
# Whether everybody has to sign in with a second factor, or only whoever has set one up.
SECOND_FACTOR = environment.choice("SECOND_FACTOR", ("optional", "required"))
# Where people may also sign in with their organisation's account, and whether several factors shown there are enough.
OIDC = environment.provider("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
OIDC_SECOND_FACTOR = environment.choice("OIDC_SECOND_FACTOR", ("own", "trusted"))
# A session ends so many hours after signing in, and so many minutes after the last page.
SESSION_HOURS = environment.number("SESSION_HOURS", 12)
SESSION_IDLE_MINUTES = environment.number("SESSION_IDLE_MINUTES", 120)
# How long the lines of the security log are kept.
SECURITY_LOG_DAYS = environment.number("SECURITY_LOG_DAYS", 400)
# How long files are kept that were handed in and never saved; the words of answers by link and of mail servers, once
# their task is settled; what the machinery did, hour by hour.
UPLOADS_DAYS = environment.number("UPLOADS_DAYS", 30)
ANSWERS_DAYS = environment.number("ANSWERS_DAYS", 400)
MACHINERY_DAYS = environment.number("MACHINERY_DAYS", 90)
# How many proxies of one's own stand before the web server: so many addresses of X-Forwarded-For are to be believed.
PROXIES = environment.number("PROXIES", 0, least=0)
# To whom people write when a page fails or they lack a permission; without one they read "your administrator".
ADMINISTRATOR_EMAIL = environment.mailbox("ADMINISTRATOR_EMAIL")
# Lines of the log for people, or JSON for programs.
LOG_FORMAT = environment.choice("LOG_FORMAT", ("line", "json"))
# Who shows this token reads /metrics; without one there is no such page. Counts of the processes of a host are kept in
# one folder; where neither is set, nothing is counted.
METRICS_TOKEN = environment.token("METRICS_TOKEN")
METRICS_DIR = environment.counts_folder(
    "PROMETHEUS_MULTIPROC_DIR", VAR_DIR / "metrics", wanted=bool(METRICS_TOKEN)
)
WATCH_KEPT_FOR = 30  # seconds that pages go by what was last seen of the machinery
# To whom `manage.py watch --mail` writes when something is stuck.
WATCH_EMAILS = environment.mailboxes("WATCH_EMAILS", ADMINISTRATOR_EMAIL)

# --- the tracker -----------------------------------------------------------------------------

# Obligations are derived up to this many years after the day of the synchronisation.
HORIZON_YEARS = 10
# A claim older than this is no longer trusted: its process is taken for dead.
REMINDERS_LEASE_SECONDS = 600
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL") or "Article 12 desk <article12@example.org>"
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

ROOT_URLCONF = "tracker.urls"
WSGI_APPLICATION = "tracker.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "tracker.registry",
    "tracker.obligations",
    "tracker.reminders",
    "tracker.ops",
    "tracker.web",
    "django_tables2",
    "django_filters",
    "import_export",
    "simple_history",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "tracker.web.ops.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "tracker.web.ops.headers.PolicyMiddleware",
    "tracker.web.public.cookies.WithoutCookiesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tracker.web.accounts.sessions.SessionMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "tracker.web.accounts.roles.RoleRequiredMiddleware",
    "tracker.changes.desk_guard.ActingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "tracker.web.errors.NotAllowedMiddleware",
    "axes.middleware.AxesMiddleware",
]

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

AUTHENTICATION_BACKENDS = ["tracker.web.accounts.roles.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# Dates are shown as 23 January 2005; en-gb has that order of itself. More languages follow.
LANGUAGE_CODE = "en-gb"
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "staticfiles"
# Without collected files (tests, first commands) whitenoise serves straight from the finders.
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "tracker.web.ops.static_storage.CollectedFiles"},
}

DJANGO_TABLES2_TEMPLATE = "web/ui/_table.html"
FILTERS_EMPTY_CHOICE_LABEL = gettext_lazy("any")

# --- security --------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        # Both names: some browsers know the one, some the other.
        "report-uri": ["/csp-report/"],
        "report-to": ["csp"],
    },
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # no script of ours reads them
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_SSL_REDIRECT = HTTPS_ONLY
# A load balancer and a monitor on this machine ask without TLS; there is nothing secret in the answer.
SECURE_REDIRECT_EXEMPT = [r"^healthz(/live|/ready)?$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS_ONLY else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS_ONLY

# Sign-ins that fail are counted in the database, which all web processes share; the log of them is our own.
AXES_HANDLER = "tracker.web.accounts.throttling.Counter"
AXES_FAILURE_LIMIT = SIGN_IN_FAILURES
AXES_COOLOFF_TIME = timedelta(minutes=SIGN_IN_PAUSE_MINUTES)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "tracker.web.accounts.throttling.locked_out"
AXES_CLIENT_IP_CALLABLE = "tracker.web.accounts.throttling.address_of"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page says when it ends
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "csrfmiddlewaretoken", "next"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
OTP_TOTP_ISSUER = "Article 12 tracker"  # the app shows it beside the user name

# --- logging ---------------------------------------------------------------------------------

LOGGING = logs.configuration(LOG_FORMAT)

# --- Celery ----------------------------------------------------------------------------------

CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
# A task is acknowledged when it has ended: a worker that dies gives its task back.
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than the longest task, so that no running task is handed to a second worker.
    "visibility_timeout": 3600,
    "unacked_restore_interval": 30,
    "unacked_restore_throttle": 1,
}
# The day is never parked in the broker: beat only asks the database again. Times are UTC.
CELERY_BEAT_SCHEDULE = {
    "synchronise obligations every night": {
        "task": "tracker.obligations.tasks.synchronise",
        "schedule": crontab(minute="5", hour="0"),
    },
    "forget what is too old every night": {
        "task": "tracker.web.tasks.forget",
        "schedule": crontab(minute="45", hour="0"),
    },
    "bring the calendar feeds in line every night": {
        "task": "tracker.reminders.tasks.tell_calendars",
        "schedule": crontab(minute="25", hour="0"),
    },
    "plan and send reminders every hour": {
        "task": "tracker.reminders.tasks.scan",
        "schedule": crontab(minute="15"),
    },
    # The hourly run sends what this one could not.
    "weekly digest": {
        "task": "tracker.reminders.tasks.send_digests",
        "schedule": crontab(minute="30", hour="6", day_of_week="mon"),
    },
}
if BOUNCES:
    CELERY_BEAT_SCHEDULE["read what mail servers return every hour"] = {
        "task": "tracker.reminders.tasks.read_bounces",
        "schedule": crontab(minute="45"),
    }
