"""Units with dates, who administers whom, people, the roles they hold, and delegation."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class Unit(models.Model):
    """An office, a territory or a zone. Codes of territories are GB/T 2260; a unit that ended keeps its row."""

    class Kind(models.TextChoices):
        TERRITORY = "territory", _("行政区")
        ZONE = "zone", _("功能区")
        TOWNSHIP = "township", _("镇街")
        DEPARTMENT = "department", _("部门")
        CENTRE = "centre", _("中心")
        DESK = "desk", _("协调台")
        EXTERNAL = "external", _("外部单位")

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=12, choices=Kind)
    level = models.CharField(max_length=12)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    valid_from = models.DateField(default="2000-01-01")
    valid_to = models.DateField(null=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, related_name="succeeds")

    class Meta:
        db_table = "identity_unit"
        constraints = [
            models.CheckConstraint(
                name="identity_unit_dates", condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from"))
            )
        ]

    def __str__(self) -> str:
        return self.name


class UnitVersion(models.Model):
    """What a unit is called and whom it is under from a day on. The unit's own row holds what is so today."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="versions")
    since = models.DateField()
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    parent = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    basis = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "identity_unit_version"
        constraints = [models.UniqueConstraint(name="identity_unit_version_once", fields=["unit", "since"])]


class Administration(models.Model):
    """Who runs a unit, with dates: a functional zone may run a township that is coded under a county."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="administrations")
    by = models.ForeignKey(Unit, models.PROTECT, related_name="administers")
    during = DateRangeField()
    basis = models.CharField(max_length=200, blank=True)
    demonstration = models.BooleanField(default=False)

    class Meta:
        db_table = "identity_administration"
        constraints = [
            ExclusionConstraint(
                name="identity_administration_one_at_a_time",
                expressions=[("unit", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            )
        ]


LOCKED = datetime(9999, 1, 1, tzinfo=UTC)
"""`locked_until` of an account that an administrator locked: until one unlocks it."""


class PersonManager(BaseUserManager["Person"]):
    """Finds a person by the name used to log in."""

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(username=username)


class Person(AbstractBaseUser):
    """Somebody who logs in. What a person may do follows from grants alone."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    failed_logins = models.PositiveSmallIntegerField(default=0)
    failed_since = models.DateTimeField(null=True)
    locked_until = models.DateTimeField(null=True)
    totp_secret = models.CharField(max_length=255, blank=True)
    totp_last = models.BigIntegerField(default=0)

    USERNAME_FIELD = "username"
    objects = PersonManager()

    class Meta:
        db_table = "identity_person"

    def __str__(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Sessions end with a new password, and when an administrator locks the account; not by failures at the door."""
        value = self.password + ("/locked" if self.locked_until == LOCKED else "")
        key = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        return salted_hmac(key, value, secret=secret, algorithm="sha256").hexdigest()


class Grant(models.Model):
    """A role that a person holds in a unit, with dates."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="grants")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=40)
    valid_from = models.DateField(default="2000-01-01")
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "identity_grant"
        constraints = [
            models.UniqueConstraint(
                name="identity_grant_once", fields=["person", "unit", "role"], condition=Q(valid_to=None)
            )
        ]
        indexes = [models.Index(fields=["unit", "role"])]


def holds_on(on: date) -> Q:
    """A grant that holds, or a unit that exists, on a day."""
    return Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gt=on))


class Delegation(models.Model):
    """For a time, somebody may take a step that is another's: one step, or all when `step` is empty."""

    grantor = models.ForeignKey(Person, models.CASCADE, related_name="delegations")
    grantee = models.ForeignKey(Person, models.CASCADE, related_name="delegated")
    step = models.CharField(max_length=60, blank=True)
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    reason = models.CharField(max_length=200)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_delegation"
        constraints = [
            models.CheckConstraint(name="identity_delegation_dates", condition=Q(ends__gt=F("begins"))),
            models.CheckConstraint(name="identity_delegation_other", condition=~Q(grantor=F("grantee"))),
        ]
