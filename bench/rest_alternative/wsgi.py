"""What the server loads."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "rest_alternative.settings"
application = get_wsgi_application()
