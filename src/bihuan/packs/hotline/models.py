"""An order's own row beside its case, the dispatch directory as an official edits it, and what training learns from."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.packs.hotline.rules import CHANNELS, TYPES


class Call(models.Model):
    """A call as the telephone system told it; an order that came of it names it. `call` is that system's own id.

    Missed: ended and never answered. `recording` is its address in the telephone system.
    """

    call = models.CharField(max_length=80, unique=True)
    agent = models.ForeignKey("identity.Person", models.SET_NULL, null=True, related_name="+", db_index=False)
    phone = models.CharField(max_length=30, blank=True)
    ringing_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    recording = models.CharField(max_length=500, blank=True)
    called_back_at = models.DateTimeField(null=True)
    called_back_by = models.ForeignKey(
        "identity.Person", models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        db_table = "hotline_call"
        indexes = [
            models.Index(name="hotline_call_on", fields=["agent", "ringing_at"], condition=Q(ended_at=None)),
            models.Index(
                name="hotline_call_missed",
                fields=["ended_at"],
                condition=Q(answered_at=None, called_back_at=None, ended_at__isnull=False),
            ),
            models.Index(name="hotline_call_phone", fields=["phone", "answered_at"], condition=~Q(phone="")),
        ]

    def __str__(self) -> str:
        return self.call


class Order(models.Model):
    """What the hotline knows of a case: how it came in, and how it was dispatched.

    `arrived_at` and `on_desk_at` time the dispatch: from arrival here to the final unit's desk. `automatic` says that
    no person stood between; `model_label`, `model_confidence` and `reasons` say why that unit.
    """

    case = models.OneToOneField("cases.Case", models.CASCADE, primary_key=True, related_name="order")
    channel = models.CharField(max_length=12, choices=CHANNELS)
    type = models.CharField(max_length=12, choices=TYPES)
    accused = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+", db_index=False)
    arrived_at = models.DateTimeField()
    on_desk_at = models.DateTimeField(null=True)
    automatic = models.BooleanField(default=False)
    model_label = models.CharField(max_length=40, blank=True)
    model_confidence = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    model = models.CharField(max_length=64, blank=True)
    reasons = models.JSONField(default=list)
    call = models.ForeignKey(Call, models.SET_NULL, null=True, related_name="orders", db_index=False)

    class Meta:
        db_table = "hotline_order"
        indexes = [
            models.Index(name="hotline_arrived", fields=["-arrived_at"]),
            models.Index(name="hotline_order_call", fields=["call"], condition=Q(call__isnull=False)),
        ]


class Directory(models.Model):
    """Which matter belongs to whom: a row of the dispatch directory (派单目录), with its legal basis and dates."""

    class Level(models.TextChoices):
        CITY = "city", _("市级")
        COUNTY = "county", _("县级")
        TOWNSHIP = "township", _("镇街")

    matter = models.CharField(max_length=40)
    level = models.CharField(max_length=10, choices=Level)
    territory = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+")
    assisting = models.ManyToManyField("identity.Unit", related_name="+")
    legal_basis = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "hotline_directory"
        constraints = [
            models.UniqueConstraint(
                name="hotline_directory_once", fields=["matter", "territory"], condition=Q(valid_to=None)
            ),
            models.CheckConstraint(
                name="hotline_directory_unit", condition=Q(unit__isnull=False) | Q(level="township")
            ),
        ]


class Matter(models.Model):
    """A matter in the taxonomy: class and matter, as an official edits them."""

    code = models.CharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    emergency = models.BooleanField(default=False)
    township = models.BooleanField(default=False)
    route = models.CharField(max_length=200, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "hotline_matter"

    def __str__(self) -> str:
        return self.name


class MatterName(models.Model):
    """What a matter was called from a day on; kept from its first change of name."""

    matter = models.ForeignKey(Matter, models.CASCADE, related_name="names")
    since = models.DateField()
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "hotline_matter_name"
        constraints = [
            models.UniqueConstraint(name="hotline_matter_name_once", fields=["matter", "since"]),
        ]


class Correction(models.Model):
    """An officer put an order right: kept as training data."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    text = models.TextField()
    proposed = models.CharField(max_length=40, blank=True)
    correct = models.CharField(max_length=40)
    by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "hotline_correction"


class ImportRun(models.Model):
    """A file being imported: resumed where it stopped when the same file comes again."""

    fingerprint = models.CharField(max_length=64)
    mapping = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    line = models.PositiveIntegerField(default=0)
    imported = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    figures = models.JSONField(default=dict)

    class Meta:
        db_table = "hotline_import_run"
        constraints = [models.UniqueConstraint(name="hotline_import_once", fields=["fingerprint", "mapping"])]


class TrainedModel(models.Model):
    """A text model put in force: the last row is the one that dispatch asks. Its file is named by the fingerprint."""

    fingerprint = models.CharField(max_length=64)
    metrics = models.JSONField(default=dict)
    sources = models.JSONField(default=list)
    in_force_at = models.DateTimeField()

    class Meta:
        db_table = "hotline_trained_model"


class ReadyAnswer(models.Model):
    """An answer that may be given at the seat or by a unit, kept by a supervisor; `matter` is "" when it is for every matter.
    `used` counts the answers that were made of it.
    """

    matter = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=80)
    text = models.TextField()
    active = models.BooleanField(default=True)
    used = models.PositiveIntegerField(default=0)
    changed_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "hotline_ready_answer"

    def __str__(self) -> str:
        return self.title


class ReadyAnswerUse(models.Model):
    """A case was answered in the words of a ready answer: by whom, when, and of which matter the case was then."""

    answer = models.ForeignKey(ReadyAnswer, models.CASCADE, related_name="uses", db_index=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    person = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    matter = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "hotline_ready_answer_use"
        indexes = [models.Index(name="hotline_answer_used", fields=["answer", "-at"])]


class TrainingRun(models.Model):
    """A training in the background: asked for, begun, ended with a candidate (`fingerprint`) or with an `error`."""

    asked_at = models.DateTimeField()
    by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    examples = models.PositiveIntegerField(default=0)
    fingerprint = models.CharField(max_length=64, blank=True)
    metrics = models.JSONField(default=dict)
    sources = models.JSONField(default=list)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "hotline_training_run"


class ReceivedMonth(models.Model):
    """What came in a month that was closed, of all units (`unit` None) or of one: `counts` are the rows of `received.py`, as the
    orders stood at `closed_at`.
    """

    month = models.DateField()
    unit = models.ForeignKey("identity.Unit", models.CASCADE, null=True, related_name="+", db_index=False)
    closed_at = models.DateTimeField()
    counts = models.JSONField()

    class Meta:
        db_table = "hotline_received_month"
        constraints = [
            models.UniqueConstraint(
                name="hotline_received_once", fields=["month", "unit"], nulls_distinct=False
            )
        ]
