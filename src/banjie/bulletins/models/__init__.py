"""The tables of this room, one file a subject: issues of bulletins here; filled forms in ``forms``."""

from banjie.bulletins.models.bulletin import BulletinVersion, Issue
from banjie.bulletins.models.forms import AskedFact, Filling, FormMapping

__all__ = ["AskedFact", "BulletinVersion", "Filling", "FormMapping", "Issue"]
