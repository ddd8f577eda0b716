"""The catalogue of items in dated versions, and an application's own row beside its case."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bihuan.packs.onewindow.catalogue.codes import KINDS
from bihuan.packs.onewindow.themes.models import Theme, ThemeApplication, ThemeVersion

__all__ = ["Application", "Item", "ItemVersion", "Theme", "ThemeApplication", "ThemeVersion"]

SCHEMES = (
    ("national", _("国家编码(GB/T 39554.1)")),
    ("sichuan", _("四川编码")),
    ("guizhou", _("贵州编码")),
    ("hubei", _("湖北编码")),
    ("opaque", _("其他编码,原样保存")),
)


class Item(models.Model):
    """An item of the catalogue: its code by its scheme, once and for all. What it says is in its versions."""

    code = models.CharField(max_length=80, unique=True)
    scheme = models.CharField(max_length=10, choices=SCHEMES)

    class Meta:
        db_table = "onewindow_item"

    def __str__(self) -> str:
        return self.code


class ItemVersion(models.Model):
    """What an item says from a day on. Rows are only ever added: of those that have begun the latest holds.

    `organ` is the organ as it was told, `unit` the one here that approves (None: unknown, so that nothing can be applied for); limits are
    in working days, `valid_months` is how long its certificate holds (0: without end); `checks` are what it may be decided by at once
    (`instant/rules.py`), `form` is the code of what the applicant fills in, `online`: without coming here. `special`: [{"ground",
    "days"}], "times" where more than once; `materials`: see `catalogue/contents.py`; `fees`: [{"name", "amount", "basis", "waivers"}],
    amounts in yuan, `fees_unknown` where nobody told whether there are any. `enquiries` and `complaints` are telephone numbers
    ("": the city's 12345). `link`: where the platform that the item was taken from shows it.
    """

    item = models.ForeignKey(Item, models.PROTECT, related_name="versions", db_index=False)
    since = models.DateField()
    recorded_at = models.DateTimeField()
    active = models.BooleanField(default=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=2, choices=KINDS)
    theme = models.CharField(max_length=200, blank=True)
    organ = models.CharField(max_length=120)
    organ_code = models.CharField(max_length=40, blank=True)
    organ_verified = models.BooleanField(default=False)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+", db_index=False)
    level = models.CharField(max_length=1, blank=True)
    statutory_days = models.PositiveSmallIntegerField(null=True)
    promised_days = models.PositiveSmallIntegerField(null=True)
    instant = models.BooleanField(default=False)
    commitment = models.BooleanField(default=False)
    special = models.JSONField(default=list)
    conditions = models.TextField(blank=True)
    conditions_en = models.TextField(blank=True)
    materials = models.JSONField(default=list)
    fees = models.JSONField(default=list)
    fees_unknown = models.BooleanField(default=False)
    results = ArrayField(models.CharField(max_length=100), default=list)
    valid_months = models.PositiveSmallIntegerField(default=0)
    checks = models.JSONField(default=list)
    form = models.CharField(max_length=80, blank=True)
    online = models.BooleanField(default=False)
    places = models.CharField(max_length=300, blank=True)
    places_en = models.CharField(max_length=300, blank=True)
    hours = models.CharField(max_length=300, blank=True)
    hours_en = models.CharField(max_length=300, blank=True)
    enquiries = models.CharField(max_length=60, blank=True)
    complaints = models.CharField(max_length=60, blank=True)
    legal_basis = models.TextField(blank=True)
    link = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "onewindow_item_version"
        indexes = [models.Index(name="onewindow_version_of", fields=["item", "-since", "-id"])]
        constraints = [
            models.CheckConstraint(
                name="onewindow_promised_within_statutory",
                condition=Q(promised_days=None)
                | Q(statutory_days=None)
                | Q(promised_days__lte=F("statutory_days")),
            ),
            models.CheckConstraint(
                name="onewindow_instant_is_one_day", condition=Q(instant=False) | Q(promised_days=1)
            ),
            models.CheckConstraint(
                name="onewindow_days_are_days",
                condition=(Q(promised_days=None) | Q(promised_days__gte=1))
                & (Q(statutory_days=None) | Q(statutory_days__gte=1)),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Application(models.Model):
    """What the window knows of a case: which version of which item it is judged by, and its 办件编码 once it is accepted."""

    class Applicant(models.TextChoices):
        PERSON = "person", _("自然人")
        ORGANISATION = "organisation", _("法人或其他组织")

    case = models.OneToOneField("cases.Case", models.CASCADE, primary_key=True, related_name="application")
    version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="applications")
    applicant = models.CharField(max_length=12, choices=Applicant)
    case_code = models.CharField(max_length=43, null=True, unique=True)

    class Meta:
        db_table = "onewindow_application"


from bihuan.packs.onewindow.columns.models import SourceColumns  # noqa: E402, F401
from bihuan.packs.onewindow.commitments.models import Commitment  # noqa: E402, F401  tables of rooms of their own
from bihuan.packs.onewindow.hall.models import HallWindow, Served, Ticket, Visit  # noqa: E402, F401
from bihuan.packs.onewindow.lessons.models import Lesson  # noqa: E402, F401
from bihuan.packs.onewindow.platforms.models import Change, PlatformReview, Reader  # noqa: E402, F401
from bihuan.packs.onewindow.supervision.models import Card, CardRead  # noqa: E402, F401
