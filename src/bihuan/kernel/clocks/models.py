"""The working calendar that an official can edit, and the clocks of cases."""

from django.db import models
from django.db.models import Q


class CalendarYear(models.Model):
    """A year of the calendar: published by the State Council, or computed provisionally until it is."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    published = models.BooleanField()
    source = models.CharField(max_length=300)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "clocks_calendar_year"


class CalendarDay(models.Model):
    """A day that differs from its weekday: off on a weekday, or worked on a weekend (调休)."""

    date = models.DateField(primary_key=True)
    working = models.BooleanField()
    name = models.CharField(max_length=40)

    class Meta:
        db_table = "clocks_calendar_day"


class Clock(models.Model):
    """One limit running on one case.

    `next_at` is when the sweep must look again (warning, then breach); empty when paused, stopped or done with.
    `level` 0 runs, 1 is warned (黄牌), 2 is past due (红牌). `due_at` is stored and changed by events alone; so are
    `warnings`, [moment in epoch seconds, told] in the order of the limit's own, of which `warn_at` is the earliest.
    """

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=40)
    basis = models.CharField(max_length=12, default="promised")
    limit = models.JSONField()
    rule = models.ForeignKey("policies.PolicyRule", models.PROTECT, null=True, db_index=False)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    level = models.PositiveSmallIntegerField(default=0)
    warnings = models.JSONField(default=list)
    pauses = models.JSONField(default=list)
    extensions = models.JSONField(default=list)
    paused_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    provisional = models.BooleanField(default=False)

    class Meta:
        db_table = "clocks_clock"
        constraints = [
            models.UniqueConstraint(
                name="clocks_one_running", fields=["case", "kind", "basis"], condition=Q(stopped_at=None)
            )
        ]
        indexes = [
            models.Index(name="clocks_next", fields=["next_at"], condition=Q(next_at__isnull=False)),
            models.Index(
                name="clocks_unsigned", fields=["due_at"], condition=Q(stopped_at=None, kind="sign")
            ),
        ]
