"""Access tokens of people: what a machine shows instead of a session."""

from django.db import models


class ApiToken(models.Model):
    """A token is shown once; its SHA-256 is kept. It stands for its person until it ends or is revoked."""

    person = models.ForeignKey("identity.Person", models.CASCADE, related_name="api_tokens")
    digest = models.BinaryField(unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "desk_api_token"
        constraints = [
            models.CheckConstraint(
                name="desk_api_token_dates", condition=models.Q(expires_at__gt=models.F("created_at"))
            )
        ]
