"""Which packs are installed, and every version of them that was."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from banjie.lib.text import Text
from banjie.packs.queries import InstalledPackQuerySet


class InstalledPack(models.Model):
    """One installation of a pack; the newest row of a name is the one in force. ``content`` keeps head, screens and the
    figures and registers it named; areas and demonstration data lie in their own tables and files."""

    name = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    version = models.CharField(max_length=20)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    content = models.JSONField(encoder=DjangoJSONEncoder)
    installed_at = models.DateTimeField()

    objects = InstalledPackQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "number"], name="installed_pack_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def title(self) -> Text:
        return Text(self.title_zh, self.title_en)
