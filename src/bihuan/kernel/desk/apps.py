"""The desk as a Django application."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "bihuan.kernel.desk"
    label = "desk"
