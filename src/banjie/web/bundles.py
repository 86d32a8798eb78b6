"""The chart library for the browser, made from the wheel that also draws charts for documents: built once, kept in the data folder."""

from __future__ import annotations

import gzip
import os
import tempfile
from importlib.metadata import version
from pathlib import Path

import vl_convert
from django.conf import settings

VERSION = version("vl-convert-python")
SNIPPET = 'window.vegaEmbed = vegaEmbed; window.dispatchEvent(new Event("charts-ready"));'


def charts_bundle() -> Path:
    """The bundle, gzipped (300 KB). The first call on an installation builds it in about a second."""
    path = Path(settings.DATA) / "assets" / f"charts-{VERSION}.js.gz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        content = gzip.compress(vl_convert.javascript_bundle(SNIPPET).encode(), 9, mtime=0)
        handle, unfinished = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(unfinished).replace(path)  # at once: two processes may build it at the same time
    return path
