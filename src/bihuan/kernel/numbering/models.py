"""Counters behind numbers."""

from django.db import models


class NumberCounter(models.Model):
    """The last number given in one scope: a format with its date and its item, e.g. a day and an item's code."""

    scope = models.TextField(primary_key=True)
    value = models.BigIntegerField(default=0)

    class Meta:
        db_table = "numbering_counter"
