"""Methods that were published."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Method(models.Model):
    """A method as it was published: the situation, the steps in their order, and which figures of the pack stand beside it, with
    their values on that day.
    """

    title = models.CharField(max_length=120)
    situation = models.TextField()
    steps = ArrayField(models.CharField(max_length=400))
    figures = models.JSONField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        db_table = "fire_method"

    def __str__(self) -> str:
        return self.title
