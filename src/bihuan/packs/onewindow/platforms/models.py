"""What other systems were told of applications, how far each has it, and the reviews that came from the 好差评 platform."""

from django.db import models


class Change(models.Model):
    """Something that happened to an application, for systems that follow. Positions have no gaps and come in the order of commits;
    `previous` is the position of the same case's change before (None: its first). It holds no personal data.
    """

    position = models.BigIntegerField(primary_key=True)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    previous = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    event = models.CharField(max_length=40)
    state = models.CharField(max_length=40)
    outcome = models.CharField(max_length=20, blank=True)
    grade = models.CharField(max_length=1, blank=True)

    class Meta:
        db_table = "onewindow_change"


class Reader(models.Model):
    """How far a system has the changes: pushed to by a webhook (`webhook:7`), or as an account said (`account:12`).

    `received` is how many that account counted up to `position`, `sent` how many it could have had then.
    """

    name = models.CharField(max_length=40, unique=True)
    position = models.BigIntegerField(default=0)
    received = models.BigIntegerField(null=True)
    sent = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "onewindow_reader"


class PlatformReview(models.Model):
    """A review that the 好差评 platform brought, once by its id. `refused` is why it was not taken ("": it was taken).

    `signed_at` is the time of the last signature (seconds since 1970), `digest` the SHA-256 of what was said.
    """

    key = models.CharField(max_length=80, unique=True)
    case = models.ForeignKey("cases.Case", models.CASCADE, null=True, related_name="+")
    grade = models.CharField(max_length=1, blank=True)
    refused = models.CharField(max_length=40, blank=True)
    signed_at = models.BigIntegerField()
    digest = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        db_table = "onewindow_platform_review"
        indexes = [models.Index(name="onewindow_review_latest", fields=["-at"])]
