"""Themes in dated versions, and a whole's own row beside its case."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.sentences import named
from bihuan.packs.onewindow.themes.contents import KINDS

PERSON_OR_ORGANISATION = (("person", _("自然人")), ("organisation", _("法人或其他组织")))


class Theme(models.Model):
    """One thing that takes many approvals: its code, once and for all. What it consists of is in its versions."""

    code = models.CharField(max_length=40, unique=True)

    class Meta:
        db_table = "onewindow_theme"

    def __str__(self) -> str:
        return self.code


class ThemeVersion(models.Model):
    """What a theme says from a day on. Rows are only ever added: of those that have begun the latest holds.

    `parts`: [{"code", "item" (its code), "after": [codes], "days" (None: as the item promises)}]; `shared`: groups of names of
    materials that are one; `permit` is what the comprehensive permit is called on paper.
    """

    theme = models.ForeignKey(Theme, models.PROTECT, related_name="versions", db_index=False)
    since = models.DateField()
    recorded_at = models.DateTimeField()
    active = models.BooleanField(default=True)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=8, choices=KINDS)
    about = models.CharField(max_length=500, blank=True)
    parts = models.JSONField(default=list)
    shared = models.JSONField(default=list)

    class Meta:
        db_table = "onewindow_theme_version"
        indexes = [models.Index(name="onewindow_theme_version_of", fields=["theme", "-since", "-id"])]

    def __str__(self) -> str:
        return self.name

    @property
    def shown(self) -> str:
        """The name in the page's language."""
        return named(self)


class ThemeApplication(models.Model):
    """What the window knows of a whole: which version of which theme it is, and what it is for (a shop, a project)."""

    case = models.OneToOneField(
        "cases.Case", models.CASCADE, primary_key=True, related_name="theme_application"
    )
    version = models.ForeignKey(ThemeVersion, models.PROTECT, related_name="applications")
    applicant = models.CharField(max_length=12, choices=PERSON_OR_ORGANISATION)
    subject = models.CharField(max_length=100)

    class Meta:
        db_table = "onewindow_theme_application"
