"""The site as a Django application: after each migration the database's roles get their rights."""

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class SiteConfig(AppConfig):
    name = "bihuan.site"

    def ready(self) -> None:
        post_migrate.connect(_grant, sender=apps.get_app_config("ledger"))  # once, for an app that has models


def _grant(using: str, **kwargs: Any) -> None:
    from bihuan.site.rights import rights_grant

    rights_grant(using)
