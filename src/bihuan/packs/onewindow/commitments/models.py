"""The check of a commitment beside its case, and with it the register of the discredited."""

from django.db import models
from django.db.models import Q


class Commitment(models.Model):
    """The check of what the applicant of `application` committed to; `case` is the check's own. Once the word was found untrue the
    applicant's number stands in the register of the discredited between two days, both included ("": erased).
    """

    case = models.OneToOneField("cases.Case", models.CASCADE, primary_key=True, related_name="commitment")
    application = models.ForeignKey("onewindow.Application", models.PROTECT, related_name="commitments")
    identity = models.CharField(max_length=40, blank=True)
    discredited_from = models.DateField(null=True)
    discredited_until = models.DateField(null=True)

    class Meta:
        app_label = "onewindow"
        db_table = "onewindow_commitment"
        indexes = [models.Index(name="onewindow_discredited", fields=["identity"], condition=~Q(identity=""))]
