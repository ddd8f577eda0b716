"""Cards, and how far each case's ledger has been read for them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.packs.onewindow.supervision.words import STANDINGS


class Card(models.Model):
    """A yellow or red card: which entry of which case earned it by which rule, whose it was, and what was said and decided on it.

    `person` is who took the step (None: a clock's). What was explained or objected lies beside, as erasable as the case's own words.
    """

    class Colour(models.TextChoices):
        YELLOW = "yellow", _("黄牌")
        RED = "red", _("红牌")

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+", db_index=False)
    seq = models.IntegerField()
    rule = models.CharField(max_length=12)
    colour = models.CharField(max_length=6, choices=Colour)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+", db_index=False)
    stage = models.CharField(max_length=40)
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    clock = models.CharField(max_length=40, blank=True)
    due_at = models.DateTimeField(null=True)
    standing = models.CharField(max_length=10, choices=tuple(STANDINGS.items()), default="open")
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        "identity.Person", models.PROTECT, null=True, related_name="+", db_index=False
    )
    decision = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        "identity.Person", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        db_table = "onewindow_card"
        constraints = [
            models.UniqueConstraint(name="onewindow_card_once", fields=["case", "seq", "rule"]),
            models.CheckConstraint(
                name="onewindow_card_decided_by_another",
                condition=models.Q(decided_by=None)
                | models.Q(answered_by=None)
                | ~models.Q(decided_by=models.F("answered_by")),
            ),
        ]
        indexes = [
            models.Index(name="onewindow_card_latest", fields=["-at", "-id"]),
            models.Index(name="onewindow_card_of_unit", fields=["unit", "-at"]),
        ]

    @property
    def told(self) -> str:
        """How it stands, in words: a yellow card is a reminder, which need not be explained."""
        reminds = self.standing == "open" and self.colour == "yellow"
        return str(_("提醒") if reminds else STANDINGS[self.standing])


class CardRead(models.Model):
    """Up to which entry a case's ledger was read."""

    case = models.OneToOneField("cases.Case", models.CASCADE, primary_key=True, related_name="+")
    seq = models.IntegerField()

    class Meta:
        db_table = "onewindow_card_read"
