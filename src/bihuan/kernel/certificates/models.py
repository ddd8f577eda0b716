"""What was issued, to whom, and what became of it."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.certificates.rules import standing
from bihuan.lib.masking import mask_name


class Certificate(models.Model):
    """One certificate. What is personal (`holder`, `identity`, `contents`, `token`) can be erased; the ledger keeps its
    commitment, number and code go on answering. `code` is typed beside the number, `token` is what the QR code holds.
    """

    class State(models.TextChoices):
        VALID = "valid", _("有效")
        SUSPENDED = "suspended", _("暂停使用")
        REVOKED = "revoked", pgettext_lazy("state", "已撤销")
        REPLACED = "replaced", _("已换发")
        EXPIRED = "expired", _("已过期")
        """Never stored: it follows from the last day."""

    kind = models.CharField(max_length=40)
    number = models.CharField(max_length=80, unique=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="certificates")
    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+")
    holder = models.CharField(max_length=200, blank=True)
    identity = models.CharField(max_length=40, blank=True)
    organisation = models.BooleanField(default=False)
    contents = models.JSONField(default=dict)
    issued_at = models.DateTimeField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.VALID)
    state_at = models.DateTimeField()
    replaced_by = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaces")
    code = models.CharField(max_length=9)
    token = models.TextField(blank=True)

    class Meta:
        db_table = "certificates_certificate"
        indexes = [
            models.Index(name="certificates_holder", fields=["holder"], condition=~Q(holder="")),
            models.Index(name="certificates_identity", fields=["identity"], condition=~Q(identity="")),
            models.Index(name="certificates_kind", fields=["kind", "-id"]),
            models.Index(name="certificates_unit", fields=["unit", "-id"]),
            models.Index(name="certificates_ended", fields=["state", "-id"], condition=~Q(state="valid")),
        ]
        constraints = [
            models.CheckConstraint(
                name="certificates_days_in_order",
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
            ),
            models.CheckConstraint(name="certificates_expired_follows", condition=~Q(state="expired")),
            models.CheckConstraint(
                name="certificates_replaced_by_one",
                condition=Q(state="replaced", replaced_by__isnull=False)
                | (~Q(state="replaced") & Q(replaced_by=None)),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def holder_masked(self) -> str:
        """The holder as everybody may read it: a person by the surname, an organisation in full."""
        return self.holder if self.organisation else mask_name(self.holder)

    def standing(self, today: date) -> str:
        """What it is worth today."""
        return standing(self.state, self.valid_until, today)


class Change(models.Model):
    """What somebody of the issuing unit asks to be done to a certificate, and what another decided ("": not yet).

    `reason`, `remark` and `contents` (the corrected lines, with `holder` where the name is corrected) can be erased.
    """

    class Outcome(models.TextChoices):
        GRANTED = "granted", _("同意")
        REFUSED = "refused", _("不同意")
        WITHDRAWN = "withdrawn", _("已撤回")

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="changes")
    act = models.CharField(max_length=10)
    ground = models.CharField(max_length=20)
    reason = models.CharField(max_length=500, blank=True)
    contents = models.JSONField(default=dict)
    asked_by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    decided_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "certificates_change"
        constraints = [
            models.UniqueConstraint(
                name="certificates_change_waits_once", fields=["certificate"], condition=Q(outcome="")
            ),
            models.CheckConstraint(
                name="certificates_decided_by_another",
                condition=Q(outcome="withdrawn") | Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
            ),
        ]
