"""A whole of several parts, and its parts with what must precede them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from bihuan.kernel.bundles.rules import DONE, FAILED, PartPlan


class Bundle(models.Model):
    """A case that has parts. `ended_at`: no part is opened any more, and none is told."""

    case = models.OneToOneField("cases.Case", models.CASCADE, primary_key=True, related_name="bundle")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bundles_bundle"


class Part(models.Model):
    """A part of a whole, as its network was when it began. `case` is opened when all of `after` are done; `days` are the working
    days that it was expected to take; `outcome` is "", DONE or FAILED of `rules`."""

    bundle = models.ForeignKey(Bundle, models.CASCADE, related_name="parts")
    place = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=200)
    label_en = models.CharField(max_length=200, blank=True)
    days = models.PositiveSmallIntegerField()
    after = ArrayField(models.CharField(max_length=40), default=list)
    case = models.OneToOneField("cases.Case", models.PROTECT, null=True, related_name="bundle_part")
    opened_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=6, blank=True)

    class Meta:
        db_table = "bundles_part"
        constraints = [
            models.UniqueConstraint(name="bundles_part_once", fields=["bundle", "code"]),
            models.CheckConstraint(
                name="bundles_part_in_order",
                condition=Q(case=None, opened_at=None, ended_at=None, outcome="")
                | Q(case__isnull=False, opened_at__isnull=False, ended_at=None, outcome="")
                | Q(
                    case__isnull=False,
                    opened_at__isnull=False,
                    ended_at__isnull=False,
                    outcome__in=(DONE, FAILED),
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def plan(self) -> PartPlan:
        """The part as the rules know it."""
        return PartPlan(self.code, self.days, tuple(self.after), self.label, self.label_en)
