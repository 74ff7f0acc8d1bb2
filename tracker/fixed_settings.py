"""Settings of Django, Celery and the libraries that are the same in every installation."""

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy

from tracker.languages import known

# --- Django ----------------------------------------------------------------------------------

ROOT_URLCONF = "tracker.urls"
WSGI_APPLICATION = "tracker.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "tracker.languages",
    "tracker.registry",
    "tracker.obligations",
    "tracker.reminders",
    "tracker.correspondence",
    "tracker.consideration",
    "tracker.ops",
    "tracker.web",
    "django_tables2",
    "django_filters",
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
]

MIDDLEWARE = [
    "tracker.web.ops.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "tracker.web.ops.headers.PolicyMiddleware",
    "tracker.web.ops.headers.NotStoredMiddleware",
    "tracker.web.public.cookies.WithoutCookiesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tracker.web.languages.choice.LanguageMiddleware",
    "tracker.web.accounts.sessions.SessionMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "tracker.web.accounts.roles.RoleRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "tracker.web.errors.NotAllowedMiddleware",
    "tracker.web.errors.BusyMiddleware",
    "axes.middleware.AxesMiddleware",
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
PASSWORD_RESET_TIMEOUT = 7 * 86400  # seconds: of links to set a password
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# Not "en-gb": that has catalogues with other spellings of a few words, and each text would be sought in all of them.
LANGUAGE_CODE = "en"
LANGUAGES = [(one.in_django, one.name) for one in known.LANGUAGES]
LOCALE_PATHS = [known.LOCALE]
LANGUAGE_COOKIE_NAME = "language"
FORMAT_MODULE_PATH = "tracker.formats"  # dates as 23 January 2005
USE_I18N = True
USE_TZ = True

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "KEY_FUNCTION": "tracker.web.ops.cache_keys.of_today",
    }
}

DJANGO_TABLES2_TEMPLATE = "web/ui/_table.html"
DJANGO_TABLES2_TABLE_ATTRS = {"class": "rows"}
FILTERS_EMPTY_CHOICE_LABEL = gettext_lazy("any")

# --- security --------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        # Some browsers know the one name, some the other.
        "report-uri": ["/csp-report/"],
        "report-to": ["csp"],
    },
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Hints to extend HSTS to subdomains (W005) and preload (W021). The operator decides: it binds other services too.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
MESSAGE_STORAGE = "tracker.web.ops.message_storage.OnceStorage"  # shows each message once

# Failed sign-ins are counted in the database, which all web processes share; tracker.web.accounts logs them.
AXES_HANDLER = "tracker.web.accounts.throttling.Counter"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "tracker.web.accounts.throttling.locked_out"
AXES_CLIENT_IP_CALLABLE = "tracker.web.accounts.throttling.address_of"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page says when it ends
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "csrfmiddlewaretoken", "next"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
OTP_TOTP_ISSUER = "Article 12 tracker"  # shown beside the user name by the authenticator app

# --- Celery ----------------------------------------------------------------------------------

CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
# A task is acknowledged at its end: if a worker dies, another gets its task.
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than the longest task, so that no second worker gets a running task.
    "visibility_timeout": 3600,
    "unacked_restore_interval": 30,
    "unacked_restore_throttle": 1,
}
