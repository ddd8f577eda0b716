"""Projects and their single works, what was verified of them in advance, rulings on standards, and draws.

Owners are organisations; the only people by name are those on the rolls of sites (`sites/models.py`).
"""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.packs.fire.blockages.models import Blockage  # noqa: F401
from bihuan.packs.fire.experts.models import Expert, ExpertInterest, ExpertReview, ExpertVote  # noqa: F401
from bihuan.packs.fire.merging.models import Merged  # noqa: F401
from bihuan.packs.fire.methods.models import Method  # noqa: F401
from bihuan.packs.fire.projects.models import Deferred  # noqa: F401
from bihuan.packs.fire.sites.models import (  # noqa: F401
    Accident,
    Attendance,
    Hazard,
    Passing,
    Site,
    SiteEvent,
    SiteInspection,
    Worker,
)
from bihuan.packs.fire.special.reasons import reason_told
from bihuan.packs.fire.visits.models import Question, Visit  # noqa: F401


class Project(models.Model):
    """A construction project as it was declared, kept by `unit`; areas in m², height in m.

    `special`, `row` and `reason` are the verdict of article 14 when it was entered. `standard` is the version that it is
    judged by: a legacy project by that of its time (art. 40). `investment` is in 10,000 yuan, `small` whether it was below the
    limits when it was entered, `design_changed_at` when its reviewed design was last changed. `owner_unit` is the owner where it has an account here.
    """

    name = models.CharField(max_length=120)
    owner = models.CharField(max_length=120)
    owner_unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+")
    place = models.CharField(max_length=120)
    use = models.CharField(max_length=60)
    area = models.DecimalField(max_digits=12, decimal_places=2, null=True, validators=[MinValueValidator(0)])
    height = models.DecimalField(max_digits=7, decimal_places=2, null=True, validators=[MinValueValidator(0)])
    contains = models.CharField(max_length=400, blank=True)
    special = models.BooleanField()
    row = models.PositiveSmallIntegerField(null=True)
    reason = models.CharField(max_length=300)
    standard = models.CharField(max_length=120, blank=True)
    legacy = models.BooleanField(default=False)
    crowded = models.BooleanField(default=False)
    punished = models.BooleanField(default=False)
    investment = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, validators=[MinValueValidator(0)]
    )
    small = models.BooleanField(default=False)
    design_changed_at = models.DateTimeField(null=True)
    entered_at = models.DateTimeField()
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        db_table = "fire_project"
        constraints = [
            models.CheckConstraint(
                name="fire_project_row",
                condition=Q(special=True, row__range=(1, 12)) | Q(special=False, row=None),
            )
        ]
        indexes = [
            models.Index(name="fire_project_unit", fields=["unit", "-id"]),
            models.Index(name="fire_project_legacy", fields=["unit", "-id"], condition=Q(legacy=True)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def verdict(self) -> str:
        """Why it is special or not, in the reader's language."""
        return reason_told(self.reason)


class SingleWork(models.Model):
    """A single work (单体) of a project."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="works")
    name = models.CharField(max_length=120)
    area = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    height = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    storeys = models.PositiveSmallIntegerField(null=True)

    class Meta:
        db_table = "fire_single_work"
        constraints = [models.UniqueConstraint(name="fire_single_work_once", fields=["project", "name"])]


class ProjectCase(models.Model):
    """An application of a project: which kind, and its case."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="applications")
    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12)

    class Meta:
        db_table = "fire_project_case"


class Finding(models.Model):
    """Something found wrong with a project, and the case of its rectification; its words are the case's.

    `source` says where it was found; what was found in a place that its sub-item passes in spite of holds nothing up. `item` is one of the items of an evaluation ("": none), `application` the acceptance or
    filing that it was found for. The same `key` is the same finding.
    """

    class Source(models.TextChoices):
        """Where something was found."""

        SITE = "site", _("施工现场检查")
        EVALUATION = "evaluation", _("现场评定")
        PLACE = "place", _("现场评定,按规则放过的个别位置")

    project = models.ForeignKey(Project, models.PROTECT, related_name="findings")
    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="+")
    application = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+")
    work = models.ForeignKey(SingleWork, models.PROTECT, null=True, related_name="+")
    source = models.CharField(max_length=12, choices=Source.choices)
    item = models.CharField(max_length=30, blank=True)
    part = models.CharField(max_length=120)
    clause = models.CharField(max_length=200, blank=True)
    found_at = models.DateTimeField()
    found_by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    key = models.CharField(max_length=100, unique=True)

    class Meta:
        db_table = "fire_finding"
        indexes = [models.Index(name="fire_finding_project", fields=["project", "-id"])]


class Evaluation(models.Model):
    """The on-site evaluation of an acceptance or a filing, begun once; the kind of building and the terms by which places are drawn.

    `digest` is that of what was concluded last ("": nothing, or it was changed since).
    """

    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, models.PROTECT, related_name="evaluations")
    kind = models.CharField(max_length=12)
    least = models.PositiveSmallIntegerField()
    again = models.PositiveSmallIntegerField()
    grade_c = models.PositiveSmallIntegerField()
    percent = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    started_by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    concluded_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "fire_evaluation"


class Sheet(models.Model):
    """A version of what was written of an item, never changed: `base` is the version that its author had seen.

    Those that are `current` count; several of one item are a conflict that somebody settles. `taken_at` is the device's time.
    """

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="sheets")
    item = models.CharField(max_length=30)
    fields = models.JSONField()
    digest = models.CharField(max_length=64)
    base = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    current = models.BooleanField(default=True)
    by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    device = models.CharField(max_length=40, blank=True)
    taken_at = models.DateTimeField()
    arrived_at = models.DateTimeField()
    key = models.CharField(max_length=80, unique=True)

    class Meta:
        db_table = "fire_sheet"
        indexes = [models.Index(name="fire_sheet_item", fields=["evaluation", "item"])]


class Photo(models.Model):
    """A photograph of an item: when it was taken and when it arrived, and where: WGS 84, `accuracy` in m, if the device told, `place` in
    words if somebody typed it. `sent` is the hash of the file as the device sent it, which is what is signed: its metadata is not kept.
    """

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="photos")
    item = models.CharField(max_length=30)
    attachment = models.OneToOneField("attachments.Attachment", models.CASCADE, related_name="+")
    by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    arrived_at = models.DateTimeField()
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    accuracy = models.PositiveIntegerField(null=True)
    place = models.CharField(max_length=60, blank=True)
    sent = models.CharField(max_length=64)

    class Meta:
        db_table = "fire_photo"


class Signature(models.Model):
    """A signature on the touch screen under what had `digest` then, with these `photos` (hashes); `voided_at` when that was changed afterwards.

    An inspector's is of `person`; one of the owner's people is told by `name` and `duty`.
    """

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="signatures")
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=40, blank=True)
    duty = models.CharField(max_length=40, blank=True)
    attachment = models.OneToOneField("attachments.Attachment", models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    photos = models.JSONField(default=list)
    by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    arrived_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "fire_signature"


class PreCheck(models.Model):
    """A phase verified in advance (图纸核对, 质量核实, 手续核准) for acceptance or filing; a revoked one holds no more."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="prechecks")
    kind = models.CharField(max_length=12)
    phase = models.PositiveSmallIntegerField()
    passed_at = models.DateTimeField()
    passed_by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        db_table = "fire_precheck"
        constraints = [
            models.UniqueConstraint(
                name="fire_precheck_once", fields=["project", "kind", "phase"], condition=Q(revoked_at=None)
            ),
            models.CheckConstraint(name="fire_precheck_phase", condition=Q(phase__range=(1, 3))),
        ]


class Ruling(models.Model):
    """A conflict between standards, ruled on once: `words` are what a like project is found by."""

    title = models.CharField(max_length=120)
    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="rulings")
    clauses = models.TextField()
    ruling = models.TextField()
    reason = models.TextField()
    scope = models.CharField(max_length=400)
    words = ArrayField(models.CharField(max_length=40))
    ruled_at = models.DateTimeField()
    ruled_by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")

    class Meta:
        db_table = "fire_ruling"


class Conflict(models.Model):
    """An inspector's interest in a project, which keeps the two apart in a draw."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="conflicts")
    person = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    declared_at = models.DateTimeField()

    class Meta:
        db_table = "fire_conflict"
        constraints = [models.UniqueConstraint(name="fire_conflict_once", fields=["project", "person"])]


class Draw(models.Model):
    """A draw of a unit: `record` holds lists, digests, seed and outcome as in the ledger's entry; `signed` is the city's signature
    over it and the entry's place ("body", "signature"; {}: a draw of before).
    """

    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    record = models.JSONField()
    signed = models.JSONField(default=dict)

    class Meta:
        db_table = "fire_draw"
        indexes = [models.Index(name="fire_draw_latest", fields=["-id"])]


class Drawn(models.Model):
    """A filing that was drawn, and the ids of the people who inspect it."""

    draw = models.ForeignKey(Draw, models.CASCADE, related_name="drawn")
    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="+")
    inspectors = ArrayField(models.BigIntegerField())

    class Meta:
        db_table = "fire_drawn"


class Stage(models.Model):
    """A stage in which a single work is accepted: its structure (in segments from 1; 0: in one), civil works, installation, or the whole."""

    work = models.ForeignKey(SingleWork, models.CASCADE, related_name="stages")
    kind = models.CharField(max_length=12)
    segment = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "fire_stage"
        constraints = [models.UniqueConstraint(name="fire_stage_once", fields=["work", "kind", "segment"])]


class Covered(models.Model):
    """An application for acceptance covers a stage; `outcome` is "" while it is in hand, then "passed", "failed" or "ended"."""

    stage = models.ForeignKey(Stage, models.PROTECT, related_name="covers")
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    outcome = models.CharField(max_length=8, blank=True)

    class Meta:
        db_table = "fire_covered"
        constraints = [
            models.UniqueConstraint(name="fire_covered_once", fields=["stage", "case"]),
            models.UniqueConstraint(name="fire_covered_in_hand", fields=["stage"], condition=Q(outcome="")),
            models.UniqueConstraint(
                name="fire_covered_passed", fields=["stage"], condition=Q(outcome="passed")
            ),
        ]


class LegacyProject(models.Model):
    """A legacy project of the programme: what became of it in its time (`situation`, on `decided_on`, under which authority and
    standard), its batch and route, and the zone's department that it is handled with.
    """

    project = models.OneToOneField(Project, models.PROTECT, related_name="programme")
    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="+")
    batch = models.PositiveSmallIntegerField()
    situation = models.CharField(max_length=12)
    decided_on = models.DateField()
    drawings = models.BooleanField()
    family = models.CharField(max_length=16)
    zone = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+")
    route = models.CharField(max_length=12)
    standard = models.CharField(max_length=80, blank=True)
    authority = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "fire_legacy_project"
        indexes = [models.Index(name="fire_legacy_batch", fields=["batch", "id"])]
