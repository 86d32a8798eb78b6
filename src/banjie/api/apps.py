from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "banjie.api"
    label = "api"
