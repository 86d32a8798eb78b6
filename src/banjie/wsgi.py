"""What the web server loads."""

from __future__ import annotations

import os
import signal

from django.core.wsgi import get_wsgi_application

from banjie.lib.environment import keep_private
from banjie.lib.parents import SERVER, when_parent_ends

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banjie.settings")
keep_private()
application = get_wsgi_application()
if os.environ.get(SERVER) == str(os.getppid()):  # started by ``banjie serve``, and not by another server
    when_parent_ends(os.getppid(), lambda: os.kill(os.getpid(), signal.SIGTERM))
