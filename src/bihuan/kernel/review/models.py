"""Samples: whose, of which list, by which seed; and what became of each case drawn. No words of anybody are kept here."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Sample(models.Model):
    """What was drawn for a unit on a day of what came to be between `since` and `until`. Who holds `role` there signs it.

    `listed` is the whole list, `left_out` how many were not put on it, by ground. `due_at`: by when it is to be signed.
    """

    scheme = models.CharField(max_length=40)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    day = models.DateField()
    since = models.DateTimeField(null=True)
    until = models.DateTimeField()
    seed = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    listed = ArrayField(models.CharField(max_length=64))
    left_out = models.JSONField(default=dict)
    rule = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    drawn_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "review_sample"
        constraints = [
            models.UniqueConstraint(name="review_sample_once", fields=["scheme", "unit", "day"]),
            models.CheckConstraint(
                name="review_sample_signed",
                condition=Q(signed_at=None, signed_by=None)
                | Q(signed_at__isnull=False, signed_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="review_sample_open", fields=["due_at"], condition=Q(signed_at=None)),
            models.Index(name="review_sample_latest", fields=["-day", "unit"]),
        ]


class Sampled(models.Model):
    """A case that was drawn, at its `place` from 1, and what its caller said. `tries` are the moments of calls in vain."""

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="cases")
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="sampled")
    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField()
    reached = models.BooleanField(null=True)
    grade = models.CharField(max_length=1, blank=True)
    said = models.JSONField(default=dict)
    tries = models.JSONField(default=list)
    called_at = models.DateTimeField(null=True)
    called_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    redone = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "review_sampled"
        constraints = [models.UniqueConstraint(name="review_sampled_once", fields=["sample", "case"])]
