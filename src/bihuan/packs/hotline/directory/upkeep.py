"""Keeping the dispatch directory (派单目录): each change from a day on, with its legal basis, an entry of the register.

Rules (rules.md A1, A5): a department's matter never goes to a township, only what the list of duties of townships names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.identity.units import units_on
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError, clean_text
from bihuan.packs.hotline.models import Directory, Matter
from bihuan.packs.hotline.order_data import NO, YES

STREAM = "directory"
ADMINISTRATOR = "system_admin"
PLACES = ("territory", "zone")
COLUMNS = ("matter", "territory", "level", "unit", "assisting", "legal_basis")
LAW = "乡镇(街道)履职事项清单"


def rows_on(on: date) -> QuerySet[Directory]:
    """The rows in force on a day."""
    return Directory.objects.filter(valid_from__lte=on).filter(Q(valid_to=None) | Q(valid_to__gt=on))


def directory_set(
    *,
    matter: str,
    territory: int,
    level: str,
    unit: int | None,
    legal_basis: str,
    since: date,
    now: datetime,
    by: int | str,
    assisting: Sequence[int] = (),
) -> Directory:
    """From a day on, `unit` leads the matter where `territory` runs the place; None: the township of the place itself.

    What was so before ends on that day and stays. Refusal with field and rule; then nothing has changed.
    """
    power_require(ADMINISTRATOR, by=by, now=now)
    basis = clean_text(legal_basis, field="legal_basis", max_length=200, min_length=2, multiline=False)
    with kernel_writes():
        kind = _matter(matter)
        there = {one.pk: one for one in units_on(since).filter(pk__in=[territory, unit or 0, *assisting])}
        if territory not in there or there[territory].kind not in PLACES:
            raise Refusal("territory", _("没有这个行政区或功能区。"), field="territory")
        _lead_check(kind, level, there.get(unit or 0), unit)
        helpers = sorted(set(assisting))
        if unit in helpers or any(one not in there or there[one].kind == "township" for one in helpers):
            raise Refusal(
                "assisting", _("协办单位应是现有的部门,不是主办单位,也不是镇街。"), field="assisting"
            )
        last = (
            Directory.objects.select_for_update()
            .filter(matter=matter, territory=territory, valid_to=None)
            .first()
        )
        _order_check(last, since, now)
        if last and _same(last, level, unit, basis, helpers):
            raise Refusal("same", _("与已登记的完全相同,没有要改的。"), field="unit")
        if last:
            last.valid_to = since
            last.save(update_fields=["valid_to"])
        row = Directory.objects.create(
            matter=matter,
            level=level,
            territory_id=territory,
            unit_id=unit,
            legal_basis=basis,
            valid_from=since,
        )
        row.assisting.set(helpers)
        data = {
            "matter": matter, "territory": territory, "level": level, "unit": unit, "assisting": helpers,
            "legal_basis": basis, "since": since, "row": row.pk,
        }  # fmt: skip
        register_append(stream=STREAM, kind="directory_set", at=now, by=by, data=data)
    return row


def directory_end(*, row: int, on: date, now: datetime, by: int | str) -> None:
    """From a day on nobody is named for the matter there: its orders go to the coordination desk."""
    power_require(ADMINISTRATOR, by=by, now=now)
    with kernel_writes():
        found = Directory.objects.select_for_update().filter(pk=row, valid_to=None).first()
        if found is None:
            raise Refusal("ended", _("这一行已经到期或已被替代。"))
        if on < max(found.valid_from, timezone.localdate(now)):
            raise Refusal("dates", _("日期不能早于今天,也不能早于开始日期。"), field="on")
        found.valid_to = on
        found.save(update_fields=["valid_to"])
        data = {"matter": found.matter, "territory": found.territory_id, "on": on, "row": row}
        register_append(stream=STREAM, kind="directory_ended", at=now, by=by, data=data)


def directory_line(values: Mapping[str, str], *, now: datetime, by: int | str) -> tuple[str, str]:
    """Carry out one line of a file (codes or names; `assisting` parted by semicolons, `since` if it is given).

    Returns what it was ("new", "changed", "same") and the matter with its place.
    """
    today = timezone.localdate(now)
    since = _day(values.get("since", "")) or today
    matter = _matter(values["matter"])
    territory = unit_read(values["territory"], "territory")
    assert territory is not None
    unit = unit_read(values["unit"], "unit")
    helpers = [
        unit_read(one.strip(), "assisting")
        for one in values["assisting"].replace("；", ";").split(";")
        if one.strip()
    ]
    ids = [one.pk for one in helpers if one]
    level, basis = _level(values["level"]), values["legal_basis"]
    title = f"{matter.code} {matter.name} · {territory.name}"
    last = Directory.objects.filter(matter=matter.code, territory=territory, valid_to=None).first()
    if last and _same(last, level, unit.pk if unit else None, basis, sorted(set(ids))):
        return "same", title
    directory_set(
        matter=matter.code, territory=territory.pk, level=level, unit=unit.pk if unit else None, legal_basis=basis,
        assisting=ids, since=max(since, today) if last else since, now=now, by=by,
    )  # fmt: skip
    return ("changed" if last else "new"), title


def directory_import(
    rows: Sequence[tuple[int, Mapping[str, str]]], *, now: datetime, by: int | str
) -> tuple[dict[str, int], list[tuple[int, str, str]]]:
    """All lines or none. Returns how many were new, changed, same, and the faults as (line, column, why)."""
    counted = dict.fromkeys(("new", "changed", "same"), 0)
    faults: list[tuple[int, str, str]] = []
    with transaction.atomic():
        for line, values in rows:
            try:
                with transaction.atomic():
                    counted[directory_line(values, now=now, by=by)[0]] += 1
            except (Refusal, FieldError) as fault:
                faults.append((line, fault.field, told(fault)))
        if faults:
            transaction.set_rollback(True)
    return counted, faults


def _matter(text: str) -> Matter:
    row = Matter.objects.exclude(parent=None).filter(Q(code=text) | Q(name=text), active=True).first()
    if row is None:
        raise Refusal("matter", _("没有这个事项,或已停用。"), field="matter")
    if row.route:
        raise Refusal("matter", _("这个事项应走别的途径,不进派单目录。"), field="matter")
    return row


def _lead_check(matter: Matter, level: str, lead: Unit | None, unit: int | None) -> None:
    if level == "township":
        if unit is not None:
            raise Refusal("unit", _("镇街主办的事项由事发地的镇街办理,不写主办单位。"), field="unit")
        if not matter.township:
            raise _not_for_townships(matter, "level")
        return
    if level not in Directory.Level.values:
        raise Refusal("level", _("层级应为市级、县级或镇街。"), field="level")
    if lead is None:
        raise Refusal("unit", _("没有这个单位,或该单位那天不存在。"), field="unit")
    if lead.kind == "township":
        raise _not_for_townships(matter, "unit")
    if lead.kind not in ("department", "external", "centre") or lead.level != level:
        raise Refusal("unit", _("主办单位应是这一层级的部门。"), field="unit")


def _not_for_townships(matter: Matter, field: str) -> Refusal:
    message = _("“%(matter)s”不在乡镇(街道)履职事项清单内,部门的事项不派镇街。") % {"matter": matter.name}
    return Refusal("not_for_township", message, field=field, rule=LAW)


def _order_check(last: Directory | None, since: date, now: datetime) -> None:
    if last is None:
        return
    if since < timezone.localdate(now):
        raise Refusal("dates", _("已派出的件不变,变更从今天或以后开始。"), field="since")
    if last.valid_from > since:
        raise Refusal(
            "dates", _("已登记 %s 起的变更,新的变更要从那天或更晚开始。") % last.valid_from, field="since"
        )


def _same(last: Directory, level: str, unit: int | None, basis: str, helpers: list[int]) -> bool:
    now = (last.level, last.unit_id, last.legal_basis, sorted(last.assisting.values_list("pk", flat=True)))
    return now == (level, unit, basis, helpers)


def unit_read(text: str, column: str) -> Unit | None:
    """The unit of a code or full name; None for an empty lead."""
    if not text and column == "unit":
        return None
    row = Unit.objects.filter(code=text).first() or Unit.objects.filter(name=text, valid_to=None).first()
    if row is None:
        raise Refusal("unit", _("没有这个单位:%s。") % text[:60], field=column)
    return row


def _level(text: str) -> str:
    words = {str(label): code for code, label in Directory.Level.choices}
    return words.get(text, text)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refusal("dates", _("日期写作 2026-01-31。"), field="since") from None


def yes_read(text: str, column: str) -> bool:
    """A yes or no of a file."""
    if text in YES:
        return True
    if text in NO:
        return False
    raise Refusal(column, _("请写 是 或 否。"), field=column)
