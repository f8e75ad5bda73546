"""Every setting, read from the environment once. README lists the variables."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from backoffice.embedded_postgres import EmbeddedPostgres
from backoffice.encryption import ring_of
from backoffice.environment import Environment
from backoffice.secret_key import kept_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "var"))).resolve()
BASE_URL = env.str("BASE_URL", "http://localhost:8000").rstrip("/")
DEBUG = env.bool("DEBUG", False)

BIND_ADDRESS = env.str("BIND_ADDRESS", "127.0.0.1")  # where quickstart listens

_host = urlsplit(BASE_URL).hostname or ""
if not (_host and BASE_URL.startswith(("http://", "https://"))):
    raise ImproperlyConfigured("BASE_URL is no address: write https://office.example.com.")
IS_LOCAL = _host in ("localhost", "127.0.0.1", "::1")
IS_PRODUCTION = not DEBUG and not IS_LOCAL


def _required(name: str, why: str) -> str:
    """A variable production cannot do without."""
    value = env.str(name, "")
    if IS_PRODUCTION and not value:
        raise ImproperlyConfigured(f"Set {name}: {why}.")
    return value


SECRET_KEY = _required(
    "SECRET_KEY", "a long random text that signs sessions and links"
) or kept_secret_key(DATA_DIR)
ENCRYPTION_KEYS = tuple(
    _required(
        "ENCRYPTION_KEYS",
        "the keys of bank accounts and secrets, newest first: openssl rand -base64 32",
    )
    .replace(",", " ")
    .split()
)
ring_of(ENCRYPTION_KEYS)  # What is no key is said now.
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[_host] if IS_PRODUCTION else ["*"])
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "backoffice",
    "accounting",
    "hr",
    "payroll",
    "marketing",
    "it_assets",
    "admin_desk",
    "backoffice.admin_config.OfficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "backoffice.views.health.HealthMiddleware",
    "backoffice.middleware.GuardHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "backoffice.middleware.BoundsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "backoffice.middleware.SignatureMiddleware",
    "backoffice.seeing_as.SeeingAsMiddleware",
    "backoffice.middleware.LocalMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "backoffice.middleware.AccessMiddleware",
]

ROOT_URLCONF = "backoffice.urls"
WSGI_APPLICATION = "backoffice.wsgi.application"
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

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
                "backoffice.shell.shell",
            ],
            "builtins": ["django.templatetags.i18n", "backoffice.templatetags.backoffice"],
        },
    }
]

# --- Database -------------------------------------------------------------------------------
# Two roles: the application's own, and the owner that migrates and holds the guards.
# Commands that change the schema, and tests, connect as the owner.

_external = env.str("DATABASE_URL", "")
EMBEDDED_POSTGRES = None if _external else EmbeddedPostgres(DATA_DIR)
_AS_OWNER = {"migrate", "flush", "test"}
_options = {"options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=60s"}


def database(*, owner: bool) -> dict[str, Any]:
    """Where the data is, as the application or as its owner."""
    found: Any
    if EMBEDDED_POSTGRES is not None:
        found = EMBEDDED_POSTGRES.connection("backoffice_owner" if owner else "backoffice")
    else:
        found = env.postgres(*(["OWNER_DATABASE_URL"] if owner else []), "DATABASE_URL")
    return {
        **found,
        "ENGINE": "backoffice.postgres",
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", 600),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**found.get("OPTIONS", {}), **_options},
    }


APPLICATION_ROLE = database(owner=False)["USER"]
DATABASES = {"default": database(owner=len(sys.argv) > 1 and sys.argv[1] in _AS_OWNER)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# In the database, so that all web processes count sign-in attempts together.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
}

# --- People ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "backoffice.User"
AUTHENTICATION_BACKENDS = ["backoffice.signing_in.AccessBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "backoffice:home"
ACCOUNT_ADAPTER = "backoffice.signing_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if IS_LOCAL else "https"

# --- Language, time, files ------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
_collected = Path(env.str("STATIC_ROOT", str(DATA_DIR / "static"))).resolve()
_collects = sys.argv[1:2] == ["collectstatic"]
_is_collected = _collects or (_collected / "staticfiles.json").exists()
STATIC_ROOT = _collected if _is_collected else None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _is_collected
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# What is not collected is served from where it lies.
WHITENOISE_USE_FINDERS = not _is_collected
FILES_DIR = DATA_DIR / "files"
LARGEST_IMPORT = env.int("LARGEST_IMPORT_MB", 100) * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000

# --- Mail and jobs --------------------------------------------------------------------------

EMAIL_CONFIG = env.mail_server("EMAIL_URL")
vars().update({k: v for k, v in EMAIL_CONFIG.items() if k.startswith("EMAIL")})
MAIL_IS_SET = bool(_required("EMAIL_URL", "the mail server, as smtp+tls://user:password@host:587"))
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", f"backoffice@{_host or 'localhost'}")
EMAIL_TIMEOUT = 20
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"  # each app's jobs.py

# --- Browser safety -------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
_HTTPS = BASE_URL.startswith("https://")
SECURE_SSL_REDIRECT = _HTTPS and env.bool("REDIRECT_TO_HTTPS", True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_HSTS_SECONDS = 31536000 if _HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_AGE = 14 * 24 * 3600
X_FRAME_OPTIONS = "DENY"

LOG_LEVEL = env.one_of("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "WARNING")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # unique on lower(email), which the check cannot see
