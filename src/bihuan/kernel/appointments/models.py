"""Resources, the dated changes of their hours, and bookings."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.appointments.rules import ARRIVED, BOOKED


class Resource(models.Model):
    """Something of a unit that serves one at a time. `minutes` is the length of a slot, `buffer` what is kept free after it;
    `open_to_public`: citizens book it themselves.
    """

    class Kind(models.TextChoices):
        WINDOW = "window", _("窗口")
        ROOM = "room", _("场所")
        INSPECTOR = "inspector", _("现场人员")

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+")
    minutes = models.PositiveSmallIntegerField(default=30)
    buffer = models.PositiveSmallIntegerField(default=0)
    open_to_public = models.BooleanField(default=True)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "appointments_resource"
        constraints = [
            models.CheckConstraint(name="appointments_minutes", condition=Q(minutes__gte=5, minutes__lte=480))
        ]

    def __str__(self) -> str:
        return self.name


class HoursChange(models.Model):
    """Hours added to a unit's office hours, or taken away, by dates; for one resource, or (None) all of the unit.

    `shifts` are seconds after midnight, [[start, end], …].
    """

    class On(models.TextChoices):
        WORKING = "working", _("工作日")
        REST = "rest", _("休息日")
        ALL = "all", _("每天")

    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+")
    resource = models.ForeignKey(Resource, models.PROTECT, null=True, related_name="changes")
    first = models.DateField()
    last = models.DateField(null=True)
    on = models.CharField(max_length=8, choices=On)
    shifts = models.JSONField()
    closed = models.BooleanField(default=False)
    reason = models.CharField(max_length=200)

    class Meta:
        db_table = "appointments_hours_change"
        indexes = [models.Index(name="appointments_changes", fields=["unit", "first"])]


class Booking(models.Model):
    """One booking. `held` is its time with the buffer after it; no two that stand may share any of it."""

    class State(models.TextChoices):
        BOOKED = "booked", _("已预约")
        ARRIVED = "arrived", _("已到")
        MISSED = "missed", _("未到")
        CANCELLED = "cancelled", _("已取消")

    number = models.CharField(max_length=20, unique=True)
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="bookings")
    begin = models.DateTimeField()
    end = models.DateTimeField()
    held = DateTimeRangeField()
    case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="bookings")
    name = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.BOOKED)
    made_at = models.DateTimeField()
    key = models.CharField(max_length=64, unique=True, null=True)

    class Meta:
        db_table = "appointments_booking"
        indexes = [
            models.Index(name="appointments_due", fields=["begin"], condition=Q(state="booked")),
            models.Index(name="appointments_day", fields=["resource", "begin"]),
            models.Index(name="appointments_phone", fields=["phone"], condition=~Q(phone="")),
        ]
        constraints = [
            ExclusionConstraint(
                name="appointments_one_at_a_time",
                expressions=[("resource", RangeOperators.EQUAL), ("held", RangeOperators.OVERLAPS)],
                condition=Q(state__in=(BOOKED, ARRIVED)),
            ),
            models.CheckConstraint(
                name="appointments_times_in_order", condition=Q(begin__lt=models.F("end"))
            ),
        ]

    def __str__(self) -> str:
        return self.number
