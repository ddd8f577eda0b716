"""Windows of a hall and the tickets of a day. No name stands in a ticket; what tells whose it is goes at the day's end."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.packs.onewindow.hall.rules import AT_WINDOW, WAITING


class HallWindow(models.Model):
    """A window of a unit's hall: the groups that it serves (`skills`), who sits there, and since when it is as it is.

    `active` False: the hall has it no more; nobody sits there.
    """

    class State(models.TextChoices):
        SHUT = "shut", _("未开")
        OPEN = "open", _("开着")
        PAUSED = "paused", _("暂停")

    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+")
    code = models.CharField(max_length=4)
    skills = ArrayField(models.CharField(max_length=1))
    state = models.CharField(max_length=6, choices=State, default=State.SHUT)
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField()
    reason = models.CharField(max_length=100, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "onewindow_hall_window"
        constraints = [
            models.UniqueConstraint(name="onewindow_window_once", fields=["unit", "code"]),
            models.UniqueConstraint(name="onewindow_one_window_each", fields=["person"], condition=~Q(state="shut")),
            models.CheckConstraint(
                name="onewindow_window_is_manned", condition=Q(state="shut", person=None) | (~Q(state="shut") & ~Q(person=None))
            ),
            models.CheckConstraint(name="onewindow_window_closed_is_shut", condition=Q(active=True) | Q(state="shut")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.code


class Ticket(models.Model):
    """A ticket: `number` is its day, its group's letter and its place that day. `turn` orders the calls (`rules.turn_of`).

    `holder` is the masked identity number and `holder_key` a keyed hash of it, both "" after the day; `phone` is where messages go,
    erased with them; a service that is evaluated as a case of its own (`evaluating.py`) has it there, so that a bad review can be contacted.
    `key` opens its page. `taken_at` to `called_at` it waited, `begun_at` to `ended_at` it was served.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等候")
        CALLED = "called", _("已叫号")
        SERVING = "serving", _("窗口办理中")
        SERVED = "served", _("已办")
        SKIPPED = "skipped", _("过号")
        GIVEN_UP = "given_up", _("已放弃")
        CLOSED = "closed", _("下班未办")

    class Way(models.TextChoices):
        PHONE = "phone", _("手机")
        KIOSK = "kiosk", _("自助机")
        COUNTER = "counter", _("导办台")

    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+")
    day = models.DateField()
    group = models.CharField(max_length=1)
    number = models.CharField(max_length=16)
    key = models.CharField(max_length=64, unique=True)
    way = models.CharField(max_length=8, choices=Way)
    item = models.ForeignKey("onewindow.Item", models.PROTECT, null=True, related_name="+")
    priority = models.CharField(max_length=10, blank=True)
    booking = models.OneToOneField("appointments.Booking", models.PROTECT, null=True, related_name="+")
    holder = models.CharField(max_length=18, blank=True)
    holder_key = models.CharField(max_length=64, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    turn = models.DateTimeField()
    window = models.ForeignKey(HallWindow, models.PROTECT, null=True, related_name="tickets")
    taken_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True)
    last_call_at = models.DateTimeField(null=True)
    calls = models.PositiveSmallIntegerField(default=0)
    returns = models.PositiveSmallIntegerField(default=0)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    told_near = models.BooleanField(default=False)

    class Meta:
        db_table = "onewindow_ticket"
        indexes = [
            models.Index(name="onewindow_ticket_next", fields=["unit", "day", "turn", "id"], condition=Q(state=WAITING)),
            models.Index(name="onewindow_ticket_calls", fields=["unit", "day", "-last_call_at"]),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(name="onewindow_ticket_number_once", fields=["unit", "number"]),
            models.UniqueConstraint(
                name="onewindow_ticket_one_at_a_window", fields=["window"], condition=Q(state__in=AT_WINDOW)
            ),
            models.UniqueConstraint(
                name="onewindow_ticket_one_of_a_holder", fields=["unit", "day", "group", "holder_key"],
                condition=~Q(holder_key="") & Q(state__in=(WAITING, *AT_WINDOW)),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        """The number as people read it: A012."""
        return f"{self.group}{int(self.number[9:]):03}"


class Served(models.Model):
    """An application that was taken in with a ticket: its waiting and its time at the window belong to the case."""

    case = models.OneToOneField("cases.Case", models.CASCADE, primary_key=True, related_name="+")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="served")

    class Meta:
        db_table = "onewindow_served"


class Visit(models.Model):
    """Somebody at a kiosk: the page that is open and what was typed, shared with a helper while `code` and consent stand.

    The row is deleted when the visit ends; nothing of it is kept.
    """

    kiosk = models.OneToOneField("identity.Person", models.PROTECT, related_name="+")
    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    page = models.CharField(max_length=12)
    typed = models.JSONField(default=dict)
    wrong = models.JSONField(default=dict)
    large = models.BooleanField(default=False)
    code = models.CharField(max_length=6, blank=True)
    helper = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "onewindow_visit"
        constraints = [
            models.UniqueConstraint(name="onewindow_visit_code", fields=["code"], condition=~Q(code=""))
        ]
