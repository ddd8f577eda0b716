"""Settings: everything an operator may set is read from the environment here, and nowhere else."""

import os
from pathlib import Path

from bihuan.kernel.pack import pack_apps
from bihuan.site.operation.jobs import job_told
from bihuan.site.postgres import database_url
from bihuan.site.postgres_files import home_folder
from bihuan.site.secrets import secret_key, secret_keys_before

PROJECT_ROOT = Path(__file__).resolve().parents[3]
HOME = home_folder()

DEBUG = False
SECRET_KEY = secret_key(HOME)
SECRET_KEY_FALLBACKS = secret_keys_before(HOME)
ALLOWED_HOSTS = os.environ.get("BIHUAN_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
PUBLIC_ADDRESS = os.environ.get(
    "BIHUAN_ADDRESS", "http://localhost:8000"
)  # where everybody reaches this centre: it stands in the codes of certificates
PROXIES = int(os.environ.get("BIHUAN_PROXIES", "0"))  # our own in front: whose X-Forwarded-For is believed
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("BIHUAN_ORIGINS", "").split(",") if o]

KERNEL_APPS = [
    f"bihuan.kernel.{name}"
    for name in (
        "ledger",
        "identity",
        "policies",
        "clocks",
        "numbering",
        "notices",
        "cases",
        "attachments",
        "forms",
        "certificates",
        "appointments",
        "bundles",
        "review",
        "scoring",
        "meetings",
        "administration",
        "accounts",
        "exchange",
        "desk",
        "public",
    )
]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    *KERNEL_APPS,
    "bihuan.telemetry",
    *pack_apps(),
    "bihuan.site",
]
MIDDLEWARE = [
    "bihuan.site.operation.middleware.RequestTrace",
    "bihuan.site.operation.middleware.Probes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "bihuan.site.middleware.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "bihuan.site.middleware.KeptWords",
    "bihuan.site.amounts.Amounts",
    "bihuan.site.middleware.RequestScope",
    "bihuan.site.middleware.FormsOnly",
    "bihuan.site.sending.SentLater",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "bihuan.site.urls"
WSGI_APPLICATION = "bihuan.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bihuan.kernel.desk.context.desk",
            ],
        },
    }
]

# The web connects as "app" (row-level security applies), jobs and commands as "worker", migrations as "owner".
DATABASE_ROLE = os.environ.get("BIHUAN_DB_ROLE", "app")
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"prepare_threshold": 2},
        **database_url(DATABASE_ROLE),  # type: ignore[arg-type]
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "identity.Person"
AUTHENTICATION_BACKENDS = ["bihuan.kernel.accounts.login.LockingBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "bihuan.kernel.accounts.login.MixedCharactersValidator"},
]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/home"
if os.environ.get("BIHUAN_COOKIE"):  # two centres under one name of a machine
    SESSION_COOKIE_NAME = f"session_{os.environ['BIHUAN_COOKIE']}"
    CSRF_COOKIE_NAME = f"csrf_{os.environ['BIHUAN_COOKIE']}"
SESSION_ENGINE = "bihuan.site.sessions"
SESSION_COOKIE_AGE = 30 * 60  # since the last use, to the minute
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
if os.environ.get("BIHUAN_HTTPS") == "1":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get(
    "BIHUAN_STATIC_ROOT"
)  # set it to collect the files for a proxy; the web serves them itself
FONT_ROOT = Path(__file__).parent / "static/vendor"  # for printed pages
STATICFILES_DIRS = [Path(__file__).parent / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

ATTACHMENT_ROOT = HOME / "attachments"
ATTACHMENT_SCANNER = os.environ.get(
    "BIHUAN_SCANNER", ""
)  # a command that is given the file's path; exit 0 = clean
MODEL_ROOT = HOME / "models"
KEY_ROOT = Path(os.environ.get("BIHUAN_KEYS", HOME / "keys"))  # of signing; never in the database
SEAL_ROOT = Path(os.environ.get("BIHUAN_SEALS", HOME / "seals"))  # best on another machine's disk
BACKUP_ROOT = (
    Path(os.environ["BIHUAN_BACKUP"]) if os.environ.get("BIHUAN_BACKUP") else None
)  # where backups go
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_000_000

EMAIL_HOST = os.environ.get("BIHUAN_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("BIHUAN_SMTP_PORT", "25"))
DEFAULT_FROM_EMAIL = os.environ.get("BIHUAN_MAIL_FROM", "bihuan@localhost")
RECORDING_SOURCES = os.environ.get(
    "BIHUAN_RECORDINGS", ""
).split()  # where recordings of calls may be fetched
SMS_GATEWAY = os.environ.get("BIHUAN_SMS_GATEWAY", "")
REVIEWS_SECRETS = os.environ.get(
    "BIHUAN_REVIEWS_SECRETS", ""
).split()  # what the 好差评 platform signs its reviews with; two while they change

LEDGER_HASH = os.environ.get("BIHUAN_LEDGER_HASH", "sha256")  # or sm3
REGION = os.environ.get("BIHUAN_REGION", "371502")  # GB/T 2260 code of the territory that this centre serves
SUPERVISION_PACK = os.environ.get(
    "BIHUAN_SUPERVISION_PACK", "supervision"
)  # the pack that takes supervised and accountability cases; "" or one that is not there: an entry and a notice only
EXCHANGE_KEY = KEY_ROOT / "exchange"  # what this centre signs with when it speaks to another
OUTLINES = (
    Path(__file__).parent / "city" / "liaocheng.json"
)  # of the counties that may be pointed at on the map
# A city's own database gets no made-up people with a published password unless it is asked for in so many words.
DEMONSTRATION = os.environ.get("BIHUAN_DEMONSTRATION", "0" if os.environ.get("DATABASE_URL") else "1") == "1"
STORIES = ("bihuan.site.city.stories",)  # of the demonstration, that concern more than one pack
DEMONSTRATION_PASSWORD = "Bihuan-2026"  # noqa: S105  demonstration people only; `up` prints it

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
PROCRASTINATE_WORKER_DEFAULTS = {"task_middleware": [job_told]}
WORKER_SECONDS = int(os.environ.get("BIHUAN_WORKER_SECONDS", "60"))  # unheard for longer, a worker is dead
METRICS_NETWORKS = os.environ.get(
    "BIHUAN_METRICS_FROM", ""
).split()  # e.g. 127.0.0.1 10.1.0.0/16; nobody else, and nobody at all without it
METRICS_TOKEN = os.environ.get("BIHUAN_METRICS_TOKEN", "")
# Lines for a terminal, or a JSON object each, of every request and job too.
LOG_JSON = os.environ.get("BIHUAN_LOG", "lines") == "json"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {"()": "bihuan.site.logs.DiscreetFormatter"},
        "json": {"()": "bihuan.site.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json" if LOG_JSON else "lines"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "bihuan": {"level": os.environ.get("BIHUAN_LOG_LEVEL", "INFO" if LOG_JSON else "WARNING")},
        # Django's own handlers would write the address of a page a second time.
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
    },
}
