"""Static files under addresses that carry a hash of their content: a browser keeps them for ever and asks again when they change.

Nothing is collected or copied. ``{% static "banjie/banjie.css" %}`` gives ``/static/banjie/banjie.3fa2b1c9d0e4.css``, and WhiteNoise
answers that address, and the plain one, from the package that ships the file. Files that a stylesheet names (fonts, pictures)
are asked for by their plain names and kept for minutes.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]


@cache
def hashed(name: str) -> str:
    """``banjie/banjie.css`` → ``banjie/banjie.3fa2b1c9d0e4.css``; a name without a file stays as it is."""
    found = finders.find(name)
    if not isinstance(found, str):
        return name
    return _with_hash(name, Path(found))


def _with_hash(name: str, path: Path) -> str:
    place = PurePosixPath(name)
    digest = sha256(path.read_bytes()).hexdigest()[:12]
    return str(place.with_name(f"{place.stem}.{digest}{place.suffix}"))


class HashedStaticFiles(StaticFilesStorage):
    """Gives the address with the hash; while debugging the plain one, for then files change under way."""

    def url(self, name: str | None) -> str:
        return super().url(name if settings.DEBUG or name is None else hashed(name))


class HashedStatics(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Answers a hashed address when it is first asked for, if its hash is that of the file."""

    def __call__(self, request):  # type: ignore[no-untyped-def]
        address = request.path_info
        if not self.autorefresh and address not in self.files and address.startswith(self.static_prefix):
            self._know(address)
        return super().__call__(request)

    def _know(self, address: str) -> None:
        """Only names that WhiteNoise knows are looked at: an address is whatever somebody sends."""
        name = self.get_name_without_hash(address[len(self.static_prefix) :])
        plain = self.static_prefix + name
        if plain in self.files and self.static_prefix + hashed(name) == address:
            found = finders.find(name)
            if isinstance(found, str):
                self.add_file_to_dictionary(address, found)
