"""How the columns of a source's files become the fields of an item."""

from django.db import models


class SourceColumns(models.Model):
    """`columns`: field → header; `scheme` is that of the codes where the file has no column for it."""

    source = models.CharField(max_length=40, unique=True)
    columns = models.JSONField(default=dict)
    scheme = models.CharField(max_length=10)
    kept_at = models.DateTimeField()

    class Meta:
        db_table = "onewindow_source_columns"
