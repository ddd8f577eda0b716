"""Telemetry as a Django application."""

from django.apps import AppConfig


class TelemetryConfig(AppConfig):
    name = "bihuan.telemetry"
    label = "telemetry"
