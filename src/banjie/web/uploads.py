"""Uploads that are too large are refused before they are taken in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

FORM = 1024 * 1024  # for the other fields of the form


class LimitedUpload(FileUploadHandler):
    """Stops at the announced size, and again at the real one, so that a false announcement gains nothing."""

    received = 0

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None) -> None:
        if content_length > settings.UPLOAD_LIMIT + FORM:
            raise RequestDataTooBig(f"{content_length} bytes announced")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_LIMIT + FORM:
            raise RequestDataTooBig(f"more than {settings.UPLOAD_LIMIT} bytes")
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
