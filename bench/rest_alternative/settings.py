"""Django as ``startproject`` sets it up, without what serves pages alone, on the bench's PostgreSQL with a pool."""

from __future__ import annotations

import os
from pathlib import Path

from banjie.lib.environment import database

SECRET_KEY = "bench"
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "rest_framework.authtoken",
    "rest_alternative",
]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "rest_alternative.views"
DATABASES = {"default": {**database(os.environ["BANJIE_DATABASE"], Path()), "NAME": "alternative"}}
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REST_FRAMEWORK = {"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"], "UNAUTHENTICATED_USER": None}
