"""The dispatch directory and its matters as administration keeps them; where corrections say it should be mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.administration.shape import Asked, Change, Column, Filter, Kind, Table, Version
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.sentences import named
from bihuan.lib.text import number_of
from bihuan.packs.hotline.directory.upkeep import (
    COLUMNS,
    directory_line,
    rows_on,
)
from bihuan.packs.hotline.models import Directory, Matter

ADMINISTRATOR = ("system_admin",)
LOOK_BACK = timedelta(days=90)
LEAST = 2
MOST = 20
LEADS = """
    select c.matter, c.unit_id, count(*) from hotline_order o join cases_case c on c.id = o.case_id
    where o.arrived_at >= %s and o.automatic and not c.imported and c.matter <> '' and c.confidential = false
      and (c.return_count > 0 or c.progress ? 'objections')
      and not exists (select 1 from hotline_directory d where d.matter = c.matter and d.unit_id = c.unit_id
                      and (d.valid_to is null or d.valid_to > %s))
    group by 1, 2 having count(*) >= %s order by 3 desc, 1 limit %s
"""
LABELS = """
    select proposed, correct, count(*) from hotline_correction
    where at >= %s and proposed <> '' and correct <> '' and proposed <> correct
    group by 1, 2 having count(*) >= %s order by 3 desc, 1 limit %s
"""
STATES = (("coming", gettext_lazy("将生效")), ("past", gettext_lazy("已失效")))


def matter_choices() -> list[tuple[str, str]]:
    """The matters that the directory may name."""
    rows = Matter.objects.exclude(parent=None).filter(active=True, route="").order_by("code")
    return [(row.code, f"{row.code} {named(row)}") for row in rows]


def territory_choices() -> list[tuple[str, str]]:
    """The territories that the directory speaks of."""
    used = Directory.objects.order_by().values("territory").distinct()
    return [(row.code, named(row)) for row in Unit.objects.filter(pk__in=used).order_by("code")]


class DirectoryRows(Kind):
    """For the system administrator who keeps who handles what, at which level and where, on what legal basis."""

    name = "directory"
    label = gettext_lazy("派单目录")
    about = gettext_lazy("什么事项在哪里由谁主办、谁协办、依据什么、从哪天起。部门的事项不派镇街。")
    group = "rules"
    roles = ADMINISTRATOR
    stream = "directory"
    search = gettext_lazy("事项或单位")
    filters = (
        Filter("level", gettext_lazy("层级"), lambda: Directory.Level.choices),
        Filter("territory", gettext_lazy("属地"), territory_choices),
        Filter("state", gettext_lazy("状态"), lambda: STATES),
    )
    empty = gettext_lazy("派单目录还是空的:现在来的件都到协调台。可以从文件导入。")
    columns = (
        Column("matter", gettext_lazy("事项代码")),
        Column("matter_name", gettext_lazy("事项")),
        Column("territory", gettext_lazy("属地代码"), screen=False),
        Column("territory_name", gettext_lazy("属地")),
        Column("level", gettext_lazy("层级"), screen=False),
        Column("level_name", gettext_lazy("层级")),
        Column("unit", gettext_lazy("主办代码"), screen=False),
        Column("unit_name", gettext_lazy("主办")),
        Column("assisting", gettext_lazy("协办代码"), screen=False),
        Column("assisting_names", gettext_lazy("协办")),
        Column("legal_basis", gettext_lazy("依据")),
        Column("since", gettext_lazy("从哪天起")),
        Column("until", gettext_lazy("到哪天止"), screen=False),
    )
    import_columns = COLUMNS
    import_roles = ADMINISTRATOR
    list_template = "hotline/directory.html"

    def rows(self, asked: Asked) -> Any:
        on, state = timezone.localdate(asked.now), asked.chosen.get("state")
        found = {
            "past": Directory.objects.filter(valid_to__lte=on),
            "coming": Directory.objects.filter(valid_from__gt=on),
        }.get(state or "", rows_on(on))
        if level := asked.chosen.get("level"):
            found = found.filter(level=level)
        if territory := asked.chosen.get("territory"):
            found = found.filter(territory__code=territory)
        if asked.q:
            matters = Matter.objects.filter(Q(name__contains=asked.q) | Q(name_en__icontains=asked.q))
            found = found.filter(
                Q(matter__startswith=asked.q)
                | Q(matter__in=matters.values("code"))
                | Q(unit__name__contains=asked.q)
                | Q(unit__code=asked.q)
            )
        return (
            found.select_related("unit", "territory")
            .prefetch_related("assisting")
            .order_by("matter", "territory__code", "-valid_from", "pk")
        )

    def cells(self, rows: Sequence[Directory], asked: Asked) -> list[tuple[Any, ...]]:
        matters = {row.code: row for row in Matter.objects.filter(code__in={row.matter for row in rows})}
        return [
            (
                row.matter,
                named(matters.get(row.matter)),
                row.territory.code if row.territory else "",
                named(row.territory),
                row.level,
                row.get_level_display(),
                row.unit.code if row.unit else "",
                lead_name(row),
                ";".join(sorted(one.code for one in row.assisting.all())),
                "\n".join(named(one) for one in row.assisting.all()),
                row.legal_basis,
                row.valid_from,
                row.valid_to,
            )
            for row in rows
        ]

    def found(self, key: str, asked: Asked) -> Directory | None:
        rows = Directory.objects.select_related("unit", "territory")
        return rows.filter(pk=number_of(key)).first()

    def title(self, row: Directory) -> str:
        return f"{named(Matter.objects.filter(pk=row.matter).first())} · {named(row.territory)}"

    def facts(self, row: Directory, asked: Asked) -> list[tuple[Any, Any]]:
        return [*self.cells_named(row, asked), (_("到哪天止"), row.valid_to)]

    def versions(self, row: Directory, asked: Asked) -> list[Version]:
        on = timezone.localdate(asked.now)
        rows = Directory.objects.filter(matter=row.matter, territory=row.territory_id).select_related("unit")
        return [
            Version(one.valid_from, one.valid_to, lead_name(one), one.legal_basis, state=_state(one, on))
            for one in rows.order_by("-valid_from", "-pk")
        ]

    def history_match(self, row: Directory) -> Mapping[str, Any]:
        return {"matter": row.matter, "territory": row.territory_id}

    def list_context(self, asked: Asked) -> dict[str, Any]:
        return {"suggestions": suggestions(asked) if not (asked.q or asked.chosen) else []}

    def row_import(self, values: Mapping[str, str], asked: Asked) -> Change:
        what, title = directory_line(values, now=asked.now, by=asked.by)
        return Change(what, title, values["unit"] if what != "same" else "")


def lead_name(row: Directory) -> str:
    """Who leads, in words."""
    return named(row.unit) if row.unit else _("事发地的镇街")


def suggestions(asked: Asked) -> list[Table]:
    """Where people put dispatch right again and again in the last 90 days: what to mend in the directory. Counts only."""
    since = asked.now - LOOK_BACK
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(LEADS, [since, timezone.localdate(asked.now), LEAST, MOST])
        leads = cursor.fetchall()
        cursor.execute(LABELS, [since, LEAST, MOST])
        labels = cursor.fetchall()
    matters = (
        {row.code: f"{row.code} {named(row)}" for row in Matter.objects.all()} if leads or labels else {}
    )
    units = {
        row.pk: named(row) for row in Unit.objects.filter(pk__in=[unit for _matter, unit, _count in leads])
    }
    tables = []
    if leads:
        rows = tuple((matters.get(m, m), units.get(u, ""), str(n)) for m, u, n in leads)
        tables.append(
            Table(_("退单或异议后改派的:目录里可能要改主办"), (_("事项"), _("最后由谁办"), _("件数")), rows)
        )
    if labels:
        rows = tuple((matters.get(p, p), matters.get(c, c), str(n)) for p, c, n in labels)
        tables.append(
            Table(_("人员改了事项的:模型分不清,可重新训练"), (_("系统认作"), _("改为"), _("件数")), rows)
        )
    return tables


def _state(row: Directory, on: date) -> str:
    if row.valid_from > on:
        return "coming"
    if row.valid_to == row.valid_from:
        return "replaced"
    return "past" if row.valid_to and row.valid_to <= on else "now"
