"""How often something was done without an account: counted in the database, so that it holds over all web processes."""

from django.db import models


class Tally(models.Model):
    """So often did one who (a keyed hash: no address and no telephone number is kept) do one thing since `since`."""

    pk = models.CompositePrimaryKey("who", "span", "since")
    who = models.CharField(max_length=64)
    span = models.PositiveIntegerField()
    since = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        db_table = "public_tally"
