from django.apps import AppConfig
from django.urls import register_converter

from banjie.lib.ids import Id


class PeopleConfig(AppConfig):
    name = "banjie.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Known before the doors write their addresses."""
        register_converter(Id, "id")
