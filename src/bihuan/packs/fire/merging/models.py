"""The merged application of a project."""

from django.db import models


class Merged(models.Model):
    """The case in which a project's formalities are handled together."""

    case = models.OneToOneField("cases.Case", models.CASCADE, primary_key=True, related_name="+")
    project = models.ForeignKey("fire.Project", models.CASCADE, related_name="merged")

    class Meta:
        db_table = "fire_merged"
