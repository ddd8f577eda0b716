"""What may follow later after a phase was verified in advance (容后)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Deferred(models.Model):
    """A thing that the owner hands in later: its name, the last day, and when it was received."""

    precheck = models.ForeignKey("fire.PreCheck", models.CASCADE, related_name="later")
    project = models.ForeignKey("fire.Project", models.CASCADE, related_name="later")
    name = models.CharField(max_length=120)
    due = models.DateField()
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "fire_deferred"
        constraints = [models.UniqueConstraint(name="fire_deferred_once", fields=["precheck", "name"])]
        indexes = [models.Index(name="fire_deferred_owed", fields=["due"], condition=Q(received_at=None))]
