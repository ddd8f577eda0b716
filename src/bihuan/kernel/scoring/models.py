"""What scoring keeps: who was called to account."""

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
