"""Settings. Everything that differs between installations comes from the environment or a `.env` file."""

import sys
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

from scorecard import single_sign_on

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

# Everything the embedded installation writes: database, queue, secret key, log-ins of the demonstration.
VAR = Path(env("SCORECARD_VAR", default=str(BASE_DIR / "var")))
VAR.mkdir(parents=True, exist_ok=True)


def local_secret_key() -> str:
    """A key made at the first start and kept outside the repository, for installations that set none."""
    path = VAR / "secret-key"
    if not path.exists():
        path.write_text(get_random_secret_key(), encoding="utf-8")
        path.chmod(0o600)
    return path.read_text(encoding="utf-8")


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="") or local_secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "modeltranslation",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "scorecard.oidc",
    "allauth.socialaccount.providers.saml",
    "auditlog",
    "scorecard.apps.ScorecardConfig",
    "surveys.apps.SurveysConfig",
    "indicators.apps.IndicatorsConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "scorecard.middleware.Readable",
    "scorecard.middleware.Private",
    "scorecard.middleware.KeepAlive",
    "scorecard.middleware.Actor",
    "scorecard.middleware.SecondFactor",
]

ROOT_URLCONF = "scorecard.urls"
WSGI_APPLICATION = "scorecard.wsgi.application"
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
                "scorecard.context.site",
            ],
        },
    },
]

# Database: SQLite in one file until DATABASE_URL names a PostgreSQL server.
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR / 'scorecard.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 60,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if env("TEST_DATABASE_NAME", default=""):
    DATABASES["default"]["TEST"] = {"NAME": env("TEST_DATABASE_NAME")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Queue: files below VAR until CELERY_BROKER_URL names a server. A job is a row, so the message is only a nudge:
# it may be lost or come twice.
QUEUE = VAR / "queue"
CELERY_BROKER_URL = env("CELERY_BROKER_URL", default="filesystem://")
if CELERY_BROKER_URL == "filesystem://":
    for folder in ("messages", "processed", "control"):
        (QUEUE / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT = "scorecard.file_queue:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE / "messages"),
        "data_folder_out": str(QUEUE / "messages"),
        "processed_folder": str(QUEUE / "processed"),
        "control_folder": str(QUEUE / "control"),
        "polling_interval": 0.1,
    }
else:
    # A page that asks for a job never waits long for a broker that does not answer.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.2,
        "interval_max": 0.2,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "Europe/Stockholm"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
JOB_SWEEP_SECONDS = env.float("JOB_SWEEP_SECONDS", default=30.0)
CELERY_BEAT_SCHEDULE = {
    "sweep-jobs": {
        "task": "indicators.tasks.sweep",
        "schedule": JOB_SWEEP_SECONDS,
        "options": {"expires": JOB_SWEEP_SECONDS},  # while no worker is there, no heap of them
    },
    "nightly": {"task": "indicators.tasks.nightly", "schedule": crontab(hour="2", minute="15")},
    "remind": {
        "task": "indicators.tasks.remind",
        "schedule": crontab(hour="7", minute="30", day_of_week="mon-fri"),
        "options": {"expires": 6 * 3600},  # no letters late at night because a worker was away
    },
    "mix-answers": {"task": "surveys.tasks.mix", "schedule": 600.0, "options": {"expires": 600.0}},
    "survey-housekeeping": {"task": "surveys.tasks.housekeeping", "schedule": crontab(hour="1", minute="45")},
}

LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", _("Swedish")), ("en", _("English"))]
MODELTRANSLATION_DEFAULT_LANGUAGE = "sv"
MODELTRANSLATION_LANGUAGES = ("sv", "en")
MODELTRANSLATION_FALLBACK_LANGUAGES = ("sv", "en")
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Stockholm"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(VAR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "indicators.sources.plotly.PlotlyFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Tests and a bare `runserver` read the files where they lie; a collected, hashed copy is what production serves.
TESTING = "pytest" in sys.modules
if DEBUG or TESTING:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = True
    WHITENOISE_AUTOREFRESH = True

# Counts of tries, and tokens that were used, are shared by all processes; the table is made by `migrate`.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "overview"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
PASSWORD_RESET_TIMEOUT = env.int("RESET_LINK_SECONDS", default=3 * 24 * 3600)  # the invitation's link too

# A session ends so long after its last request; scorecard.middleware.KeepAlive renews it now and then.
SESSION_COOKIE_AGE = env.int("SESSION_IDLE_SECONDS", default=8 * 3600)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# Sign-in by e-mail address. Accounts are made by administrators, who vouch for the address.
ACCOUNT_ADAPTER = "scorecard.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_FORMS = {"login": "scorecard.forms.accounts.LoginForm"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "30/m/ip,5/300s/key", "reset_password": "20/m/ip,3/10m/key"}
# How many proxies in front may be believed when they name the visitor's address, which the limits count by.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.bool("BEHIND_PROXY", default=False) else 0

# The second factor: an app's codes or a passkey. Open to all; with REQUIRE_SECOND_FACTOR, strategists and
# administrators get nowhere without one.
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=False)
MFA_ADAPTER = "scorecard.sign_in.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or TESTING  # http://localhost

# Single sign-on, docs/OPERATIONS.md. Matched by verified e-mail address to accounts made beforehand.
SOCIALACCOUNT_ADAPTER = "scorecard.sign_in.SingleSignOnAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False
SSO_CREATE_ACCOUNTS = env.bool("SSO_CREATE_ACCOUNTS", default=False)
SOCIALACCOUNT_PROVIDERS = single_sign_on.providers(env)

# Who changed what: no remote address is kept.
AUDITLOG_DISABLE_REMOTE_ADDR = True
AUDITLOG_CID_HEADER = None

# Letters are printed to the console until EMAIL_URL names a server, e.g. smtp+tls://user:password@mail.example.se:587
vars().update(env.email("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("DEFAULT_FROM_EMAIL", default="scorecard@localhost")

# What one request may send; uploads of sheets are larger and have limits of their own. The grid without JavaScript
# sends up to seven fields a cell: 121 indicators, total, women and men, seven open periods.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

# An uploaded sheet: its size, what it may unpack to in all and how many times its packed size, and how far it reaches.
SHEET_MAX_BYTES = env.int("SHEET_MAX_BYTES", default=5_000_000)
SHEET_MAX_UNPACKED_BYTES = env.int("SHEET_MAX_UNPACKED_BYTES", default=200_000_000)
SHEET_MAX_RATIO = env.int("SHEET_MAX_RATIO", default=200)
SHEET_MAX_ROWS = env.int("SHEET_MAX_ROWS", default=60_000)
SHEET_MAX_COLUMNS = env.int("SHEET_MAX_COLUMNS", default=200)
SHEET_MAX_CELLS = env.int("SHEET_MAX_CELLS", default=2_000_000)
# A register that a survey's sample is drawn from.
FRAME_MAX_BYTES = env.int("FRAME_MAX_BYTES", default=40_000_000)
FRAME_MAX_ROWS = env.int("FRAME_MAX_ROWS", default=250_000)

# An uploaded file of survey answers: a million answers, wide or long, with columns that are not read.
SURVEY_FILE_MAX_BYTES = env.int("SURVEY_FILE_MAX_BYTES", default=60_000_000)
SURVEY_FILE_MAX_UNPACKED_BYTES = env.int("SURVEY_FILE_MAX_UNPACKED_BYTES", default=200_000_000)
SURVEY_FILE_MAX_RATIO = env.int("SURVEY_FILE_MAX_RATIO", default=200)
SURVEY_FILE_MAX_ROWS = env.int("SURVEY_FILE_MAX_ROWS", default=1_100_000)
SURVEY_FILE_MAX_COLUMNS = env.int("SURVEY_FILE_MAX_COLUMNS", default=1_000)
SURVEY_FILE_MAX_CELLS = env.int("SURVEY_FILE_MAX_CELLS", default=6_000_000)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
HTTPS = env.bool("HTTPS", default=False)
# Where letters lead to: the address under which people reach the site, without a slash at its end.
LOCAL_URL = f"http://localhost:{env('PORT', default='8000')}"
SITE_URL = env("SITE_URL", default="") or (f"https://{ALLOWED_HOSTS[0]}" if HTTPS else LOCAL_URL)
SITE_URL = SITE_URL.rstrip("/")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked by the machine itself, without a certificate
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"without_codes": {"()": "surveys.log_filter.WithoutCodes"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_codes"]}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {"httpx": {"level": "WARNING"}},
}

# Kolada: the base URL is a setting, so that a replay of the API can stand in for it.
KOLADA_URL = env("KOLADA_URL", default="https://api.kolada.se/v3/")
KOLADA_REQUESTS_PER_SECOND = env.float("KOLADA_REQUESTS_PER_SECOND", default=5.0)
KOLADA_MAX_BYTES = env.int("KOLADA_MAX_BYTES", default=32_000_000)
KOLADA_FIRST_YEAR = env.int("KOLADA_FIRST_YEAR", default=2000)

# Goal proposal, METHODS: share of points for met and partly, least share of weight that can be assessed.
GOAL_MET_SHARE = env.float("GOAL_MET_SHARE", default=0.8)
GOAL_PARTLY_SHARE = env.float("GOAL_PARTLY_SHARE", default=0.5)
GOAL_ASSESSABLE_SHARE = env.float("GOAL_ASSESSABLE_SHARE", default=0.5)

# A job whose worker has not been heard of for this long is taken to be dead and is queued again.
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=120)
JOB_ATTEMPTS = env.int("JOB_ATTEMPTS", default=3)
