"""All settings, read from the environment. docs/settings.md lists each; a test holds the two together."""

from __future__ import annotations

import os
from pathlib import Path

from banjie.lib.environment import data_directory, database, flag, secret, words

DATA = data_directory(os.environ.get("BANJIE_DATA"))

SECRET_KEY = secret(DATA / "keys" / "django.secret", os.environ.get("BANJIE_SECRET_KEY"))
DEBUG = flag(os.environ.get("BANJIE_DEBUG"))
ALLOWED_HOSTS = words(os.environ.get("BANJIE_HOSTS")) or ["127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = words(os.environ.get("BANJIE_ORIGINS"))
HTTPS = flag(os.environ.get("BANJIE_HTTPS"))
DATABASES = {"default": database(os.environ.get("BANJIE_DATABASE"), DATA)}
UPLOAD_LIMIT = int(os.environ.get("BANJIE_UPLOAD_MB", "50")) * 1024 * 1024

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
    "banjie.figures",
    "banjie.packs",
    "banjie.jobs",
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
STATIC_ROOT = DATA / "static"
FILES_ROOT = DATA / "files"
LAKE_ROOT = DATA / "lake"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": DATA / "cache"}}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
