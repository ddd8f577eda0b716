"""Forms in versions, and what was answered in cases."""

from __future__ import annotations

from django.db import models


class FormVersion(models.Model):
    """What a form asks from a day on: append-only, for the database too. `schema` is its text as it was written, in its order."""

    code = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    schema = models.TextField()
    basis = models.CharField(max_length=300)
    valid_from = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "forms_version"
        constraints = [models.UniqueConstraint(name="forms_version_once", fields=["code", "version"])]

    def __str__(self) -> str:
        return f"{self.code}/{self.version}"


class Answers(models.Model):
    """What was answered in a case: personal data, erasable; the case's entry of the same moment holds a salted commitment.

    `part` tells several fillings of one form in a case apart. A correction is a new row with the next `version`. `values` is
    JSON text, empty once it was erased.
    """

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="answers")
    form = models.ForeignKey(FormVersion, models.PROTECT, related_name="+")
    code = models.CharField(max_length=80)
    part = models.CharField(max_length=40, blank=True)
    version = models.PositiveIntegerField()
    values = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("identity.Person", models.SET_NULL, null=True, related_name="+")

    class Meta:
        db_table = "forms_answers"
        constraints = [
            models.UniqueConstraint(name="forms_answers_once", fields=["case", "code", "part", "version"])
        ]
