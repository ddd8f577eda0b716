"""The outbox, and the text of notices as data."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

UNREAD = Q(channel="in_app", read_at=None)


class Notice(models.Model):
    """One message to one target. Written in the transaction of what it tells; carried out after the commit.

    `key` names the message to whoever receives it: a repeat after a crash carries the same. `text` is
    what was sent;
    the telephone number is read from the party when sending, and `target` keeps it masked.
    """

    class Channel(models.TextChoices):
        IN_APP = "in_app", _("站内")
        SMS = "sms", _("短信")
        EMAIL = "email", _("邮件")
        WEBHOOK = "webhook", _("接口推送")

    class Status(models.TextChoices):
        WAITING = "waiting", _("待发")
        SENT = "sent", _("已发")
        FAILED = "failed", _("失败")

    case = models.ForeignKey("cases.Case", models.CASCADE, null=True, related_name="notices")
    template = models.CharField(max_length=40)
    channel = models.CharField(max_length=10, choices=Channel)
    unit = models.ForeignKey("identity.Unit", models.CASCADE, null=True, related_name="+", db_index=False)
    person = models.ForeignKey("identity.Person", models.CASCADE, null=True, related_name="+", db_index=False)
    party = models.ForeignKey("cases.Party", models.CASCADE, null=True, related_name="+", db_index=False)
    target = models.CharField(max_length=300, blank=True)
    context = models.JSONField(default=dict)
    key = models.CharField(max_length=120)
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True, db_default="")

    class Meta:
        db_table = "notices_notice"
        constraints = [models.UniqueConstraint(name="notices_key_once", fields=["key"])]
        indexes = [
            models.Index(name="notices_waiting", fields=["next_attempt_at"], condition=Q(status="waiting")),
            models.Index(name="notices_failed", fields=["-id"], condition=Q(status="failed")),
            models.Index(name="notices_unit", fields=["unit", "-created_at"], condition=Q(channel="in_app")),
            models.Index(name="notices_unread", fields=["unit"], condition=UNREAD),
            models.Index(name="notices_person", fields=["person"], condition=Q(person__isnull=False)),
            models.Index(name="notices_pushed", fields=["target", "-id"], condition=Q(channel="webhook")),
            models.Index(name="notices_party", fields=["party"], condition=Q(party__isnull=False)),
        ]


class NoticeTemplate(models.Model):
    """The words of a notice in one language, with {names} that the context fills."""

    code = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    channel = models.CharField(max_length=10, blank=True)
    subject = models.CharField(max_length=120, blank=True)
    text = models.TextField()

    class Meta:
        db_table = "notices_template"
        constraints = [
            models.UniqueConstraint(name="notices_template_once", fields=["code", "language", "channel"])
        ]


class WebhookTarget(models.Model):
    """Where webhooks go: address, shared secret for the signature, and the events wanted."""

    name = models.CharField(max_length=60, unique=True)
    url = models.URLField(max_length=300)
    secret = models.CharField(max_length=128)
    events = models.JSONField(default=list)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "notices_webhook_target"


class TargetHold(models.Model):
    """A gateway or an address that failed: nothing goes there before `until`, so that it holds up no
    other."""

    target = models.CharField(max_length=80, primary_key=True)
    failures = models.PositiveIntegerField(default=1)
    until = models.DateTimeField()

    class Meta:
        db_table = "notices_target_hold"
