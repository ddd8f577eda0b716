"""Bundles: a whole and its parts."""

from django.apps import AppConfig


class BundlesConfig(AppConfig):
    name = "bihuan.kernel.bundles"
