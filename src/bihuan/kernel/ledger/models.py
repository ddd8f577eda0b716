"""Entries, register streams and the erasable text beside the entries.

Of an entry only `body` (canonical bytes) and `hash` are stored; every other column is set by a trigger from
the body, so that what is searched cannot differ from what is hashed.
"""

from django.db import models


class LedgerEntry(models.Model):
    """One thing that happened. The table is made by SQL in the first migration; it is append-only for every role."""

    id = models.BigAutoField(primary_key=True)
    body = models.BinaryField()
    hash = models.BinaryField()
    stream = models.TextField(editable=False)
    seq = models.IntegerField(editable=False)
    kind = models.TextField(editable=False)
    at = models.DateTimeField(editable=False)
    case_id = models.BigIntegerField(null=True, editable=False)

    class Meta:
        managed = False
        db_table = "ledger_entry"


class LedgerStream(models.Model):
    """The head of a register's stream (policy, calendar, identity, …); a case keeps its own head in its row."""

    name = models.TextField(primary_key=True)
    seq = models.IntegerField(default=0)
    head = models.BinaryField()

    class Meta:
        db_table = "ledger_stream"


class LedgerPrivate(models.Model):
    """Personal text of an entry, erasable: the entry holds only its salted commitment."""

    pk = models.CompositePrimaryKey("stream", "seq", "name")
    stream = models.TextField()
    seq = models.IntegerField()
    name = models.TextField()
    salt = models.BinaryField()
    text = models.TextField(null=True)

    class Meta:
        db_table = "ledger_private"


class LedgerSeal(models.Model):
    """A signed root over all entries sealed so far, chained to the one before: see `sealing.Seal`."""

    number = models.IntegerField(primary_key=True)
    body = models.TextField()
    signature = models.CharField(max_length=128)
    peaks = models.BinaryField()

    class Meta:
        db_table = "ledger_seal"


class LedgerLeaf(models.Model):
    """The place of an entry among all that are sealed, from 1. No foreign key: what was deleted is still to be named."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.BigIntegerField(unique=True)
    stream = models.TextField()
    seq = models.IntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "ledger_leaf"
