"""Blockages, each a case."""

from __future__ import annotations

from django.db import models


class Blockage(models.Model):
    """What blocks a project at a stage of its chain; its words, owner and date are its case's."""

    project = models.ForeignKey("fire.Project", models.PROTECT, related_name="blockages")
    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="+")
    stage = models.CharField(max_length=12)
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        db_table = "fire_blockage"
        indexes = [models.Index(name="fire_blockage_stage", fields=["stage", "-id"])]
