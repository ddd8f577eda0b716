"""What scoring keeps: items counted of the ledger, months that were closed, decisions, and who was called to account."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Account(models.Model):
    """A unit called to account, once by its `key`: the entry that says so, and the case that a pack made of it, if one takes it."""

    class Matter(models.TextChoices):
        ACCOUNTABILITY = "accountability", _("问责")
        SUPERVISED = "supervised", _("督办")
        DECISION = "decision", _("会议议定")

    key = models.CharField(max_length=70, unique=True)
    matter = models.CharField(max_length=16, choices=Matter)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    facts = models.JSONField(default=dict)
    origin = models.ForeignKey("cases.Case", models.CASCADE, null=True, related_name="accounts")
    case = models.ForeignKey("cases.Case", models.CASCADE, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "scoring_account"
        indexes = [models.Index(name="scoring_account_latest", fields=["-at"])]


class Item(models.Model):
    """One count of one measure, made of the ledger and made again from it at any time: see `measures.Item`.

    `case` is None for a head's sample, whose id is then `seq`. `scoring_item_once` finds a case's items too. Cases and units are
    those that the entries name, which no constraint checks there either.
    """

    case = models.ForeignKey(
        "cases.Case", models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )
    seq = models.IntegerField()
    pack = models.CharField(max_length=30)
    measure = models.CharField(max_length=16)
    unit = models.ForeignKey(
        "identity.Unit", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    matter = models.CharField(max_length=40, blank=True)
    place = models.ForeignKey(
        "identity.Unit", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    at = models.DateTimeField()
    outcome = models.CharField(max_length=4)
    why = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "scoring_item"
        constraints = [
            models.UniqueConstraint(
                name="scoring_item_once", fields=["case", "seq", "measure"], nulls_distinct=False
            )
        ]
        indexes = [
            models.Index(name="scoring_item_at", fields=["pack", "at"]),
            models.Index(
                name="scoring_item_bad", fields=["pack", "measure", "at"], condition=models.Q(outcome="bad")
            ),
        ]


class Daily(models.Model):
    """The items of each day (Shanghai's), counted by unit and measure. The database keeps them with every statement that writes
    items: see the migration. Counts may be 0.
    """

    pk = models.CompositePrimaryKey("pack", "day", "unit", "measure")
    pack = models.CharField(max_length=30)
    day = models.DateField()
    unit = models.ForeignKey(
        "identity.Unit", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    measure = models.CharField(max_length=16)
    good = models.IntegerField()
    bad = models.IntegerField()
    out = models.IntegerField()

    class Meta:
        db_table = "scoring_daily"


class Read(models.Model):
    """Up to which entry a case was counted."""

    case = models.OneToOneField("cases.Case", models.CASCADE, primary_key=True, related_name="+")
    seq = models.PositiveIntegerField()

    class Meta:
        db_table = "scoring_read"


class Month(models.Model):
    """A month that was closed: its ranking as it stood, by the card then in force. `ranked` is what the entry holds."""

    pack = models.CharField(max_length=30)
    month = models.DateField()
    closed_at = models.DateTimeField()
    ranked = models.JSONField()

    class Meta:
        db_table = "scoring_month"
        constraints = [models.UniqueConstraint(name="scoring_month_once", fields=["pack", "month"])]


class Decision(models.Model):
    """What one asks and another decides: an order left out of scoring, or a unit named publicly.

    `words` are the evidence or the reason. Undecided while `granted` is None; a naming ends with `withdrawn_at`.
    """

    class Kind(models.TextChoices):
        EXCLUSION = "exclusion", _("剔除")
        NAMING = "naming", _("公开曝光")

    kind = models.CharField(max_length=12, choices=Kind)
    pack = models.CharField(max_length=30)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+")
    case = models.ForeignKey("cases.Case", models.CASCADE, null=True, related_name="+")
    category = models.CharField(max_length=20)
    words = models.CharField(max_length=1000)
    asked_by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    granted = models.BooleanField(null=True)
    remark = models.CharField(max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "scoring_decision"
        constraints = [
            models.UniqueConstraint(
                name="scoring_exclusion_once",
                fields=["case"],
                condition=models.Q(kind="exclusion") & ~models.Q(granted=False),
            ),
            models.CheckConstraint(
                name="scoring_decided_by_another",
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("asked_by")),
            ),
        ]
