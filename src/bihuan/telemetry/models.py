"""Devices, their readings and the episodes in which one was beyond its limit."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q


class Device(models.Model):
    """A device that `unit` keeps and `operator` runs. `subject` says in its pack's words what it stands at, `kind` what it is."""

    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=24)
    name = models.CharField(max_length=60)
    subject = models.CharField(max_length=40)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+")
    operator = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+")
    active = models.BooleanField(default=True)
    added_at = models.DateTimeField()

    class Meta:
        db_table = "telemetry_device"
        indexes = [models.Index(name="telemetry_device_subject", fields=["subject"])]

    def __str__(self) -> str:
        return self.code


class Reading(models.Model):
    """A value that a device told of a moment: once for a device, a metric and a moment. A trigger sees to it that the device is there."""

    pk = models.CompositePrimaryKey("device_id", "metric", "at")
    device = models.ForeignKey(Device, models.CASCADE, db_index=False, db_constraint=False, related_name="+")
    metric = models.CharField(max_length=24)
    at = models.DateTimeField()
    value = models.FloatField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "telemetry_reading"
        indexes = [BrinIndex(name="telemetry_reading_at", fields=["at"])]


class Episode(models.Model):
    """A time in which a metric of a device was beyond its limit: `worst` value, the `bound` that it was beyond, the policy row
    that said so, and the case that it became.
    """

    device = models.ForeignKey(Device, models.CASCADE, related_name="episodes")
    metric = models.CharField(max_length=24)
    began_at = models.DateTimeField()
    confirmed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    worst = models.FloatField()
    bound = models.FloatField()
    rule = models.ForeignKey("policies.PolicyRule", models.PROTECT, related_name="+")
    case = models.OneToOneField("cases.Case", models.SET_NULL, null=True, related_name="+")

    class Meta:
        db_table = "telemetry_episode"
        indexes = [models.Index(name="telemetry_episode_of", fields=["device", "metric", "began_at"])]
        constraints = [
            models.UniqueConstraint(
                name="telemetry_episode_stands_once", fields=["device", "metric"], condition=Q(ended_at=None)
            ),
            models.CheckConstraint(
                name="telemetry_episode_order",
                condition=Q(began_at__lte=models.F("confirmed_at"))
                & (Q(ended_at=None) | Q(ended_at__gt=models.F("began_at"))),
            ),
        ]
