"""Sites and what happens on them. A worker's name and number are personal: shown masked, erased after their time."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q


class Site(models.Model):
    """A construction site of a project or alone, kept by `unit` (the zone's own department); area in m².

    `contractor_unit` is the contractor where it has an account here. `joined_on` is the day on which it came onto the platform.
    """

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12)
    project = models.ForeignKey("fire.Project", models.PROTECT, null=True, related_name="sites")
    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+")
    contractor = models.CharField(max_length=120)
    contractor_unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+")
    supervision = models.CharField(max_length=120, blank=True)
    zone = models.CharField(max_length=40)
    place = models.CharField(max_length=120)
    permit = models.CharField(max_length=40, unique=True)
    area = models.DecimalField(max_digits=12, decimal_places=2, null=True, validators=[MinValueValidator(0)])
    permitted_on = models.DateField()
    started_on = models.DateField(null=True)
    accepted_on = models.DateField(null=True)
    joined_on = models.DateField(null=True)
    stage = models.CharField(max_length=12)
    entered_at = models.DateTimeField()
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        db_table = "fire_site"
        indexes = [
            models.Index(name="fire_site_unit", fields=["unit", "-id"]),
            models.Index(name="fire_site_latest", fields=["-permitted_on", "-id"]),
            models.Index(name="fire_site_joined", fields=["joined_on"], condition=~Q(joined_on=None)),
            models.Index(
                name="fire_site_under", fields=["unit"], include=["contractor_unit", "stage", "joined_on", "area"],
                condition=Q(stage__in=("building", "stopped")),
            ),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(
                name="fire_site_days",
                condition=(Q(started_on=None) | Q(started_on__gte=F("permitted_on")))
                & (Q(accepted_on=None) | Q(accepted_on__gte=F("started_on"))),
            )
        ]

    def __str__(self) -> str:
        return self.name


class SiteEvent(models.Model):
    """A turn in a site's life: see `life.EVENTS`."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12)
    on = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "fire_site_event"


class Worker(models.Model):
    """Somebody on a site's roll under the real name. `digest` tells the same person again without telling who it is."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="workers")
    name = models.CharField(max_length=60, blank=True)
    id_number = models.CharField(max_length=18, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    trade = models.CharField(max_length=16)
    team = models.CharField(max_length=60, blank=True)
    certificate = models.CharField(max_length=40, blank=True)
    certificate_until = models.DateField(null=True)
    enrolled_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "fire_worker"
        constraints = [
            models.UniqueConstraint(
                name="fire_worker_once", fields=["site", "digest"], condition=Q(left_at=None)
            )
        ]


class Attendance(models.Model):
    """A worker's time on the site, from entering to leaving."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="attendances")
    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "fire_attendance"
        indexes = [models.Index(name="fire_attendance_day", fields=["site", "entered_at"])]
        constraints = [
            models.UniqueConstraint(
                name="fire_attendance_once", fields=["worker"], condition=Q(left_at=None)
            ),
            models.CheckConstraint(
                name="fire_attendance_order", condition=Q(left_at=None) | Q(left_at__gte=F("entered_at"))
            ),
        ]


class Passing(models.Model):
    """What a gate told of a site, once by its own id of the event: who came in or went out."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    event = models.CharField(max_length=64)
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="+")
    way = models.CharField(max_length=3)
    at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "fire_passing"
        constraints = [models.UniqueConstraint(name="fire_passing_once", fields=["site", "event"])]


class SiteInspection(models.Model):
    """An inspection of a site: `results` by item ("pass", "fail", "none")."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="inspections")
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    results = models.JSONField()
    note = models.CharField(max_length=400, blank=True)
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        db_table = "fire_site_inspection"


class Hazard(models.Model):
    """A hazard on a site and the case of its rectification, whose words are the case's. The same `key` is the same hazard.

    `work` is the single work of the site's project in which it lies, None where nobody said.
    """

    site = models.ForeignKey(Site, models.CASCADE, related_name="hazards")
    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="+")
    grade = models.CharField(max_length=8)
    source = models.CharField(max_length=12)
    inspection = models.ForeignKey(SiteInspection, models.SET_NULL, null=True, related_name="hazards")
    work = models.ForeignKey("fire.SingleWork", models.PROTECT, null=True, related_name="+")
    part = models.CharField(max_length=120)
    found_at = models.DateTimeField()
    key = models.CharField(max_length=100, unique=True)

    class Meta:
        db_table = "fire_hazard"
        indexes = [models.Index(name="fire_hazard_site", fields=["site", "-id"])]


class Accident(models.Model):
    """An accident on a site: its grade, how many died and were injured."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="accidents")
    at = models.DateTimeField()
    grade = models.CharField(max_length=12)
    deaths = models.PositiveSmallIntegerField()
    injured = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=400)
    by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "fire_accident"
