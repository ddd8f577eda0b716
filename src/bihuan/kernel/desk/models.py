"""What the desk keeps: access tokens of people, lists that they saved, steps taken on many cases, and whose turn a case is."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiToken(models.Model):
    """A token is shown once; its SHA-256 is kept. It stands for its person until it ends or is revoked.

    One with a `subject` (in its pack's words) answers for that alone, and only where the address knows of subjects.
    """

    person = models.ForeignKey("identity.Person", models.CASCADE, related_name="api_tokens")
    digest = models.BinaryField(unique=True)
    subject = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "desk_api_token"
        constraints = [
            models.CheckConstraint(
                name="desk_api_token_dates", condition=models.Q(expires_at__gt=models.F("created_at"))
            )
        ]


class SavedView(models.Model):
    """A list that a person keeps: the query of its address and its columns; seen by the unit too when it is shared.

    A removed one can be put back.
    """

    person = models.ForeignKey("identity.Person", models.CASCADE, related_name="+")
    unit = models.ForeignKey("identity.Unit", models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=600, blank=True)
    columns = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "desk_saved_view"
        constraints = [
            models.UniqueConstraint(
                name="desk_view_once", fields=["person", "name"], condition=models.Q(removed_at=None)
            )
        ]


class BulkRun(models.Model):
    """One step on many cases, as a person asked for it. `key` names the form, so that it is done once; `data` is what was
    typed, and is emptied when the run has ended. `undoes` is the run whose cases this one takes back.
    """

    person = models.ForeignKey("identity.Person", models.CASCADE, related_name="+")
    key = models.CharField(max_length=40)
    step = models.CharField(max_length=40)
    query = models.CharField(max_length=600, blank=True)
    data = models.JSONField(default=dict)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    undoes = models.ForeignKey("self", models.SET_NULL, null=True, related_name="undone_by")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "desk_bulk_run"
        constraints = [models.UniqueConstraint(name="desk_bulk_once", fields=["person", "key"])]


class BulkRow(models.Model):
    """A case of a run: the version that was seen, and what became of it."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("待办")
        DONE = "done", _("已办")
        REFUSED = "refused", _("没有办")

    pk = models.CompositePrimaryKey("run", "case")
    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="rows", db_index=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    number = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    code = models.CharField(max_length=40, blank=True)
    message = models.CharField(max_length=400, blank=True)

    class Meta:
        db_table = "desk_bulk_row"


class OpenedHourly(models.Model):
    """Cases opened in an hour of a day that is over, by Shanghai's clock, of all units together."""

    pk = models.CompositePrimaryKey("day", "hour", "pack")
    day = models.DateField()
    hour = models.PositiveSmallIntegerField()
    pack = models.CharField(max_length=30)
    count = models.PositiveIntegerField()

    class Meta:
        db_table = "desk_opened_hourly"


class Turn(models.Model):
    """A case in somebody's hands at the queue: nobody else is shown it before `until`.

    With `aside` it is the other way round: the person has put it aside and is not shown it before `until`. `done_at` is
    when it was decided; such rows count the person's own day and are gone the next.
    """

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    person = models.ForeignKey("identity.Person", models.CASCADE, related_name="+")
    began_at = models.DateTimeField()
    until = models.DateTimeField()
    aside = models.BooleanField(default=False)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "desk_turn"
        constraints = [
            models.UniqueConstraint(
                name="desk_turn_one_holds", fields=["case"], condition=models.Q(aside=False, done_at=None)
            ),
            models.UniqueConstraint(
                name="desk_turn_aside_once", fields=["case", "person"], condition=models.Q(aside=True)
            ),
        ]
