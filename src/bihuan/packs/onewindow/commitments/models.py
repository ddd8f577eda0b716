"""The check of a commitment beside its case, and with it the register of the discredited."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Commitment(models.Model):
    """The check of what the applicant of `application` committed to; `case` is the check's own. Once the word was found untrue the
    applicant's number stands in the register of the discredited between two days, both included ("": erased), unless somebody repaired
    the entry before: on a day, with a reason.
    """

    case = models.OneToOneField("cases.Case", models.CASCADE, primary_key=True, related_name="commitment")
    application = models.ForeignKey("onewindow.Application", models.PROTECT, related_name="commitments")
    identity = models.CharField(max_length=40, blank=True)
    discredited_from = models.DateField(null=True)
    discredited_until = models.DateField(null=True)
    discredited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    repaired_on = models.DateField(null=True)
    repaired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    repair_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        app_label = "onewindow"
        db_table = "onewindow_commitment"
        indexes = [
            models.Index(name="onewindow_discredited", fields=["identity"], condition=~Q(identity="")),
            models.Index(
                name="onewindow_discredited_last",
                fields=["-discredited_from", "-case"],
                condition=Q(discredited_from__isnull=False),
            ),
            models.Index(
                name="onewindow_discredited_repaired",
                fields=["repaired_on"],
                condition=Q(repaired_on__isnull=False),
            ),
        ]
