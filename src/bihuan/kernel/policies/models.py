"""Rule rows with dates. Rows are only ever added: a later row supersedes an earlier one."""

from django.db import models
from django.db.models import F, Q


class PolicyRule(models.Model):
    """One value of one rule in one region for a time, on a legal basis."""

    code = models.CharField(max_length=60)
    region = models.CharField(max_length=12, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    value = models.JSONField()
    unit = models.CharField(max_length=24, blank=True)
    legal_basis = models.CharField(max_length=300)
    recorded_at = models.DateTimeField()
    supersedes = models.ForeignKey("self", models.PROTECT, null=True)

    class Meta:
        db_table = "policies_rule"
        indexes = [models.Index(fields=["code", "region", "valid_from"])]
        constraints = [
            models.CheckConstraint(
                name="policies_rule_dates", condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from"))
            )
        ]
