"""A meeting, who was asked to it, what it speaks of, and what it decided."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Meeting(models.Model):
    """One meeting, from being planned to its minutes. Once closed nothing of it changes."""

    class Kind(models.TextChoices):
        DISPATCH = "dispatch", _("调度会")
        SPECIAL = "special", _("专题会")
        CONSULTATION = "consultation", _("会商")
        MORNING = "morning", _("晨会、周例会")

    class State(models.TextChoices):
        PLANNED = "planned", _("待开")
        HELD = "held", _("会中")
        CLOSED = "closed", _("已成纪要")

    kind = models.CharField(max_length=12, choices=Kind)
    subject = models.CharField(max_length=200)
    at = models.DateTimeField()
    place = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    planned_by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    key = models.CharField(max_length=64, unique=True)
    words = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "meetings_meeting"
        indexes = [models.Index(name="meetings_latest", fields=["-at"])]


class Invited(models.Model):
    """A unit asked to a meeting; `present` is empty until somebody has looked."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="invited")
    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+")
    who = models.CharField(max_length=60, blank=True)
    present = models.BooleanField(null=True)

    class Meta:
        db_table = "meetings_invited"
        constraints = [models.UniqueConstraint(name="meetings_invited_once", fields=["meeting", "unit"])]


class Item(models.Model):
    """A point of the agenda, and why it is on it. `figures` are the numbers that it was drawn by, at that moment."""

    class Source(models.TextChoices):
        EARLIER = "earlier", _("上次会议议定")
        TROUBLED = "troubled", _("问题较多的单位")
        DISPUTED = "disputed", _("职责有争议")
        OVERDUE = "overdue", _("超期未办结")
        LEARN = "learn", _("要一起学的")
        BY_HAND = "by_hand", _("另加")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items")
    position = models.IntegerField()
    source = models.CharField(max_length=10, choices=Source)
    title = models.CharField(max_length=200)
    figures = models.JSONField(default=dict)
    case = models.ForeignKey("cases.Case", models.CASCADE, null=True, related_name="+")
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "meetings_item"
        indexes = [models.Index(name="meetings_agenda", fields=["meeting", "position"])]


class Decision(models.Model):
    """What was decided: who does what by when. The case that it became is watched until it is struck off."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="decisions")
    item = models.ForeignKey(Item, models.SET_NULL, null=True, related_name="decisions")
    number = models.IntegerField()
    text = models.CharField(max_length=300)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+")
    due = models.DateField()
    case = models.ForeignKey("cases.Case", models.CASCADE, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "meetings_decision"
        constraints = [models.UniqueConstraint(name="meetings_decision_once", fields=["meeting", "number"])]
