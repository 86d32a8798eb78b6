"""All settings, read from the environment. docs/settings.md lists each; a test holds the two together."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from banjie.lib.environment import data_directory, database, flag, office_hours, secret, whole, words

PACKAGE = Path(__file__).resolve().parent
DATA = data_directory(os.environ.get("BANJIE_DATA"))

SECRET_KEY = secret(DATA / "keys" / "django.secret", os.environ.get("BANJIE_SECRET_KEY"))
DEBUG = flag(os.environ.get("BANJIE_DEBUG"))
ALLOWED_HOSTS = words(os.environ.get("BANJIE_HOSTS")) or ["127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = words(os.environ.get("BANJIE_ORIGINS"))
HTTPS = flag(os.environ.get("BANJIE_HTTPS"))
DATABASES = {"default": database(os.environ.get("BANJIE_DATABASE"), DATA)}
OFFICE_HOURS = office_hours(os.environ.get("BANJIE_OFFICE_HOURS"))
API_RATE = whole("BANJIE_API_RATE", os.environ.get("BANJIE_API_RATE"), 600)
UPLOAD_LIMIT = whole("BANJIE_UPLOAD_MB", os.environ.get("BANJIE_UPLOAD_MB"), 50) * 1024 * 1024

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "js_lib_bootstrap5",
    "js_lib_leaflet",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "banjie.ledger",
    "banjie.places",
    "banjie.people",
    "banjie.registers",
    "banjie.matters",
    "banjie.figures",
    "banjie.bulletins",
    "banjie.packs",
    "banjie.jobs",
    "banjie.api",
    "banjie.web",
]

AUTH_USER_MODEL = "people.Account"
ROOT_URLCONF = "banjie.urls"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
STATIC_ROOT = None  # nothing is collected: WhiteNoise serves from the packages (see below)
FILES_ROOT = DATA / "files"
LAKE_ROOT = DATA / "lake"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": DATA / "cache"}}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates", PACKAGE / "people" / "templates"],  # ours come before allauth's
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "banjie.web.frame.frame",
            ]
        },
    }
]
MIDDLEWARE = [
    "banjie.web.middleware.RequestNumber",
    "banjie.api.door.Door",  # what is for the API goes no further
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "banjie.web.statics.HashedStatics",
    "banjie.web.middleware.NothingKept",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "banjie.people.sessions.SlidingSession",
    "banjie.web.middleware.ReadingLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "banjie.web.middleware.FragmentsApart",
    "banjie.web.middleware.Refusals",
    "axes.middleware.AxesMiddleware",
]

# Nothing is loaded from another machine, nothing inline runs. Bootstrap's own icons are data: images.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_SSL_REDIRECT = False  # the reverse proxy that ends TLS redirects
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 60 * 60  # a day's work; renewed while it goes on (banjie.people.sessions)
CSRF_FAILURE_VIEW = "banjie.web.pages.errors.csrf_failure"

# Everything goes to standard error, where the service that runs Banjie keeps it (journald, a file). A refused request is no
# event; a fault is one line with the request's number, and its traceback, without values (banjie.lib.log_lines).
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "banjie.lib.log_lines.Lines", "whole": DEBUG}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "banjie": {"level": "INFO"},
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},
        "django_tasks": {"level": "ERROR"},
        "django_tasks_db": {"level": "ERROR"},
        "psycopg.pool": {"level": "ERROR"},  # each try to reach a database that is away; what failed for it says so
        "axes": {"level": "ERROR"},  # its warnings name accounts and addresses; its tables have them
    },
}

# Notices go out by this mail server, if one is given, and to webhooks (banjie.matters.outbox).
EMAIL_HOST = os.environ.get("BANJIE_SMTP_HOST", "")
EMAIL_PORT = whole("BANJIE_SMTP_PORT", os.environ.get("BANJIE_SMTP_PORT"), 25)
EMAIL_HOST_USER = os.environ.get("BANJIE_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("BANJIE_SMTP_PASSWORD", "")
EMAIL_USE_SSL = os.environ.get("BANJIE_SMTP_TLS", "") == "ssl"
EMAIL_USE_TLS = os.environ.get("BANJIE_SMTP_TLS", "") == "starttls"
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = os.environ.get("BANJIE_SMTP_FROM", "banjie@localhost")
WEBHOOKS_LOCAL = flag(os.environ.get("BANJIE_WEBHOOKS_LOCAL"))

# The first refuses what is too large before it is taken in; a sheet lies on disk while it is read.
FILE_UPLOAD_HANDLERS = ["banjie.web.uploads.LimitedUpload", "django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# Static files come straight from the packages that ship them: no collecting step that could be forgotten. Their addresses carry
# a hash of their content, so that a browser keeps them for ever (banjie.web.statics).
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "banjie.web.statics.HashedStaticFiles"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 600  # of a file that is asked for by its plain name

# Log-in: username and password, no sign-up, no e-mail; a second factor for those who add one.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: refuses who is locked out before a password is looked at
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "banjie.people.doors.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True  # the session's age, not a tick box, says how long
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# An office shares one address, so its limit is wide; axes locks out by username and address, this by username alone.
# The last two also limit the guessing of second factors.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/m/ip,20/300s/key", "reauthenticate": "10/m/user"}
ALLAUTH_TRUSTED_PROXY_COUNT = whole("BANJIE_PROXIES", os.environ.get("BANJIE_PROXIES"), 0)
MFA_ADAPTER = "banjie.people.doors.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "办结 Banjie"
MFA_TOTP_TOLERANCE = 1  # a phone may be half a minute off
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # who keeps trying does not wait longer
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "banjie.people.doors.typed_username"
AXES_CLIENT_IP_CALLABLE = "banjie.people.doors.client_address"
AXES_LOCKOUT_CALLABLE = "banjie.people.doors.locked_out"
AXES_ENABLE_ADMIN = False
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "name_zh", "name_en"]},
    },
    {"NAME": "banjie.people.passwords.MinimumLength", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
