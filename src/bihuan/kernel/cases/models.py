"""The case: one row with its current state. Its history is in the ledger, written in the same transaction."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Case(models.Model):
    """A matter that was found, numbered and handed to one unit.

    `unit` holds it and owns the clock. `due_at` and `warn_at` are those of its most pressing running clock, so that a
    worklist reads one index. `facts` is what the pack's guards judge by, `progress` what the kernel's remember: who did
    which duty, levels, marks; the database keeps the role of the present level of review out of it in a column
    `level_role`, for lists alone. `seq` and `head` are the head of its stream in the ledger.
    """

    number = models.CharField(max_length=64)
    pack = models.CharField(max_length=30)
    workflow = models.CharField(max_length=40)
    state = models.CharField(max_length=30)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200)
    matter = models.CharField(max_length=40, blank=True)
    place = models.CharField(max_length=200, blank=True)
    territory = models.ForeignKey(
        "identity.Unit", models.PROTECT, null=True, related_name="+", db_index=False
    )
    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="cases", db_index=False)
    opened_by = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+", db_index=False)
    handler = models.ForeignKey(
        "identity.Person", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    region = models.CharField(max_length=12, blank=True)
    basis_date = models.DateField()
    reported_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    urgent = models.BooleanField(default=False)
    confidential = models.BooleanField(default=False)
    provisional = models.BooleanField(default=False)
    returnable = models.BooleanField(default=True)
    supervised = models.BooleanField(default=False)
    imported = models.BooleanField(default=False)
    redo_count = models.PositiveSmallIntegerField(default=0)
    return_count = models.PositiveSmallIntegerField(default=0)
    urge_count = models.PositiveSmallIntegerField(default=0)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children", db_index=False)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", db_index=False)
    origin = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    superior = models.JSONField(null=True)
    external_id = models.CharField(max_length=80, null=True)
    facts = models.JSONField(default=dict)
    progress = models.JSONField(default=dict)
    seq = models.PositiveIntegerField(default=0)
    head = models.BinaryField()

    class Meta:
        db_table = "cases_case"
        constraints = [
            models.UniqueConstraint(name="cases_number_once", fields=["number"]),
            models.UniqueConstraint(
                name="cases_external_once",
                fields=["pack", "external_id"],
                condition=Q(external_id__isnull=False),
            ),
            models.CheckConstraint(name="cases_not_own_parent", condition=~Q(parent=models.F("id"))),
        ]
        indexes = [
            models.Index(name="cases_open_due", fields=["unit", "due_at"], condition=Q(closed_at=None)),
            models.Index(name="cases_open_all", fields=["due_at", "id"], condition=Q(closed_at=None)),
            models.Index(
                name="cases_open_asked",
                fields=["state"],
                condition=Q(closed_at=None, progress__has_any_keys=["extension", "pause"]),
            ),
            models.Index(name="cases_open_matter", fields=["matter", "-id"], condition=Q(closed_at=None)),
            models.Index(name="cases_closed", fields=["-closed_at"], condition=Q(closed_at__isnull=False)),
            models.Index(
                name="cases_unit_closed",
                fields=["unit", "-closed_at"],
                include=["id"],
                condition=Q(closed_at__isnull=False),
            ),
            models.Index(
                name="cases_handler", fields=["handler"], condition=Q(closed_at=None, handler__isnull=False)
            ),
            models.Index(name="cases_parent", fields=["parent"], condition=Q(parent__isnull=False)),
            models.Index(name="cases_merged", fields=["merged_into"], condition=Q(merged_into__isnull=False)),
            models.Index(name="cases_origin", fields=["origin"], condition=Q(origin__isnull=False)),
            models.Index(
                name="cases_disputed",
                fields=["opened_at"],
                condition=Q(return_count__gt=0) | Q(progress__has_key="objections"),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CaseText(models.Model):
    """What was said, and its bigrams for search (see `lib.text.bigrams`, hashed to integers)."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="content")
    text = models.TextField()
    answer = models.TextField(blank=True)
    grams = ArrayField(models.IntegerField(), default=list)

    class Meta:
        db_table = "cases_text"


class Party(models.Model):
    """Somebody whom the case concerns: personal data, masked by default, erasable."""

    class Role(models.TextChoices):
        REPORTER = "reporter", _("反映人")
        OPPOSITE = "opposite", _("被反映方")
        OTHER = "other", _("其他当事人")

    case = models.ForeignKey(Case, models.CASCADE, related_name="parties")
    role = models.CharField(max_length=12, choices=Role, default=Role.REPORTER)
    name = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    id_number = models.CharField(max_length=30, blank=True)
    address = models.CharField(max_length=200, blank=True)
    confidential = models.BooleanField(default=False)

    class Meta:
        db_table = "cases_party"
        indexes = [
            models.Index(name="cases_party_phone", fields=["phone"], condition=~Q(phone="")),
            models.Index(name="cases_party_id_number", fields=["id_number"], condition=~Q(id_number="")),
        ]


class Viewer(models.Model):
    """A unit that may see a case besides the one that holds it."""

    pk = models.CompositePrimaryKey("case", "unit")
    case = models.ForeignKey(Case, models.CASCADE, related_name="viewers", db_index=False)
    unit = models.ForeignKey("identity.Unit", models.CASCADE, related_name="+")

    class Meta:
        db_table = "case_viewer"


class Idempotency(models.Model):
    """An answer kept for its key: the same request again gets it again."""

    pk = models.CompositePrimaryKey("actor", "operation", "key")
    actor = models.BigIntegerField()
    operation = models.CharField(max_length=40)
    key = models.CharField(max_length=128)
    request = models.BinaryField()
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "cases_idempotency"


class ClosedDaily(models.Model):
    """Closed cases a day, rolled up: lists count closed ones without reading them."""

    pk = models.CompositePrimaryKey("day", "pack", "unit", "state")
    day = models.DateField()
    pack = models.CharField(max_length=30)
    unit = models.ForeignKey("identity.Unit", models.CASCADE, related_name="+")
    state = models.CharField(max_length=30)
    count = models.PositiveIntegerField()

    class Meta:
        db_table = "cases_closed_daily"


class Hold(models.Model):
    """A case that is not erased meanwhile. The reason lies beside the ledger, with the entry that says who placed it."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="holds")
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=60)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cases_hold"
        constraints = [
            models.UniqueConstraint(name="cases_held_once", fields=["case"], condition=Q(ended_at=None))
        ]
