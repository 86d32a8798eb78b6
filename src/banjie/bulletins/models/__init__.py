"""The tables of this room, one file a subject: issues of bulletins here; filled forms in ``forms``."""

from banjie.bulletins.models.bulletin import BulletinVersion, Issue

__all__ = ["BulletinVersion", "Issue"]
