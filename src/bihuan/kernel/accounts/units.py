"""Units and zones as the system administrator keeps them: the tree, who runs whom since when, and what is to come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.accounts.people import role_label
from bihuan.kernel.administration.shape import Asked, Change, Column, Filter, Kind, Mark, Table, Version, said
from bihuan.kernel.identity.models import Administration, Grant, Unit, UnitVersion, holds_on
from bihuan.kernel.identity.services import administration_set
from bihuan.kernel.identity.units import unit_change, unit_open
from bihuan.kernel.ledger.selectors import RegisterEntry, register_entries
from bihuan.kernel.sentences import named
from bihuan.lib.refusals import Refusal

LEVELS = (
    ("city", gettext_lazy("市级")),
    ("county", gettext_lazy("县级")),
    ("township", gettext_lazy("镇街")),
)
STATES = (
    ("now", gettext_lazy("现有")),
    ("run", gettext_lazy("有托管的")),
    ("coming", gettext_lazy("将成立")),
    ("closed", gettext_lazy("已撤销")),
)


class Units(Kind):
    """For the system administrator who keeps the tree of units, and who runs what since when."""

    name = "units"
    label = gettext_lazy("单位和功能区")
    about = gettext_lazy("上下级、由谁托管、从哪天起。单位只撤销,不删除;代码归谁不等于由谁管。")
    group = "organisation"
    roles = ("system_admin",)
    stream = "identity"
    search = gettext_lazy("名称或代码")
    filters = (
        Filter("kind", gettext_lazy("类别"), lambda: Unit.Kind.choices),
        Filter("state", gettext_lazy("状态"), lambda: STATES),
    )
    columns = (
        Column("code", gettext_lazy("代码")),
        Column("name", gettext_lazy("名称")),
        Column("name_en", gettext_lazy("英文名称"), screen=False),
        Column("kind", gettext_lazy("类别"), screen=False),
        Column("level", gettext_lazy("层级"), screen=False),
        Column("parent", gettext_lazy("上级"), screen=False),
        Column("kind_words", gettext_lazy("类别")),
        Column("above", gettext_lazy("在谁之下")),
        Column("run_by", gettext_lazy("由谁托管"), screen=False),
        Column("run_words", gettext_lazy("由谁托管")),
        Column("state", gettext_lazy("状态")),
    )
    import_columns = ("code", "name", "kind", "level", "parent")
    import_key = "code"
    import_roles = ("system_admin",)

    def rows(self, asked: Asked) -> list[Unit]:
        on = timezone.localdate(asked.now)
        units = list(Unit.objects.order_by("code"))
        above = _above(units)
        wanted = set(Administration.objects.filter(during__contains=on).values_list("unit", flat=True))
        units.sort(key=lambda u: [*(one.code for one in above[u.pk]), u.code])
        kind, state, q = asked.chosen.get("kind"), asked.chosen.get("state"), asked.q.casefold()
        return [
            u
            for u in units
            if (not kind or u.kind == kind)
            and (not state or _in_state(u, state, on, wanted))
            and (not q or q in u.name or u.code.casefold().startswith(q) or q in u.name_en.casefold())
        ]

    def cells(self, rows: Sequence[Unit], asked: Asked) -> list[tuple[Any, ...]]:
        on = timezone.localdate(asked.now)
        above = _above(Unit.objects.all())
        running = Administration.objects.filter(during__contains=on, unit__in=[u.pk for u in rows])
        runs = {run.unit_id: run for run in running.select_related("by")}
        return [
            (
                u.code,
                named(u),
                u.name_en,
                u.kind,
                u.level,
                above[u.pk][-1].code if above[u.pk] else "",
                u.get_kind_display(),
                " › ".join(named(one) for one in above[u.pk]),
                runs[u.pk].by.code if u.pk in runs else "",
                _run_words(runs.get(u.pk)),
                unit_state(u, on),
            )
            for u in rows
        ]

    def key(self, row: Unit) -> str:
        return row.code

    def found(self, key: str, asked: Asked) -> Unit | None:
        return Unit.objects.filter(code=key).select_related("parent", "successor").first()

    def title(self, row: Unit) -> str:
        return named(row)

    def facts(self, row: Unit, asked: Asked) -> list[tuple[Any, Any]]:
        on = timezone.localdate(asked.now)
        run = Administration.objects.filter(unit=row, during__contains=on).select_related("by").first()
        above = _above(Unit.objects.all())[row.pk]
        facts = [
            (_("代码"), row.code),
            (_("名称"), row.name),
            (_("英文名称"), row.name_en),
            (_("类别"), row.get_kind_display()),
            (_("层级"), dict(LEVELS).get(row.level, row.level)),
            (_("在谁之下"), " › ".join(named(one) for one in above)),
            (_("由谁托管"), _run_words(run) or _("没有托管,由上级管")),
            (_("状态"), unit_state(row, on)),
        ]
        if row.successor:
            facts.append((_("未办结的件转给"), named(row.successor)))
        return facts

    def versions(self, row: Unit, asked: Asked) -> list[Version]:
        on = timezone.localdate(asked.now)
        runs = Administration.objects.filter(unit=row).select_related("by").order_by("-during")
        found = []
        for run in runs:
            since, until = run.during.lower, run.during.upper
            state = "coming" if since > on else "past" if until and until <= on else "now"
            basis = run.basis + (_("(演示)") if run.demonstration else "")
            found.append(Version(since, until, _("由%s托管") % named(run.by), basis, state=state))
        return found

    def tables(self, row: Unit, asked: Asked) -> list[Table]:
        on = timezone.localdate(asked.now)
        tables = [_names_table(row), _runs_table(row, on), _below_table(row, on), _people_table(row, on)]
        return [table for table in tables if table.rows]

    def history(self, row: Unit, asked: Asked) -> list[RegisterEntry]:
        kinds = ("units_entered", "unit_changed", "unit_closed", "administration_set", "administration_ended")
        return register_entries(
            stream=self.stream, match={"unit": row.pk}, or_match={"codes": [row.code]}, kinds=kinds
        )

    def entry_lines(self, entry: RegisterEntry) -> list[tuple[Any, Any]]:
        data: Mapping[str, Any] = entry.data
        lines = [
            (_("名称"), data.get("name")),
            (_("从哪天起"), data.get("since") or data.get("on")),
            (_("依据"), data.get("basis")),
        ]
        return said(lines)

    def row_import(self, values: Mapping[str, str], asked: Asked) -> Change:
        return unit_import(values, asked)


def unit_import(values: Mapping[str, str], asked: Asked) -> Change:
    """One line: a new unit from today on, or another name, superior or runner from today on."""
    today, basis = timezone.localdate(asked.now), values.get("basis") or _("导入")
    row = Unit.objects.filter(code=values["code"]).first()
    parent = _coded(values["parent"], "parent")
    runner = _coded(values.get("run_by", ""), "run_by")
    if row is None:
        if parent is None:
            raise Refusal("parent", _("新单位要写上级的代码。"), field="parent")
        names = {name: values[name] for name in ("code", "name", "kind", "level")}
        row = unit_open(
            **names,
            name_en=values.get("name_en", ""),
            parent=parent.pk,
            since=today,
            now=asked.now,
            by=asked.by,
        )
        what, words = "new", values["name"]
    else:
        what, words = _unit_renamed(row, values, parent, basis, asked)
    if (
        runner is not None
        and not Administration.objects.filter(unit=row, by=runner, during__contains=today).exists()
    ):
        administration_set(
            unit=row.pk, administered_by=runner.pk, since=today, basis=basis, now=asked.now, by=asked.by
        )
        what = "changed" if what == "same" else what
        words += " " + _("由%s托管") % runner.name
    return Change(what, f"{values['code']} {values['name']}", words.strip())


def _unit_renamed(
    row: Unit, values: Mapping[str, str], parent: Unit | None, basis: str, asked: Asked
) -> tuple[str, str]:
    for name, label in (("kind", _("类别")), ("level", _("层级"))):
        if values[name] != getattr(row, name):
            raise Refusal(
                "fixed", _("单位登记后,%s不再改变;另登记一个单位,再撤销这一个。") % label, field=name
            )
    name_en = values.get("name_en") or row.name_en
    parent_id = parent.pk if parent else None
    if (row.name, row.name_en, row.parent_id) == (values["name"], name_en, parent_id):
        return "same", ""
    unit_change(
        unit=row.pk, name=values["name"], name_en=name_en, parent=parent_id,
        since=timezone.localdate(asked.now), basis=basis, now=asked.now, by=asked.by,
    )  # fmt: skip
    return "changed", f"{row.name} → {values['name']}"


def unit_state(unit: Unit, on: date) -> Mark:
    """Is it there, to come, or no more, and since or until when?"""
    if unit.valid_from > on:
        return Mark(_("%s 起成立") % unit.valid_from, "near")
    if unit.valid_to is None:
        return Mark(_("现有"), "done")
    if unit.valid_to > on:
        return Mark(_("%s 起撤销") % unit.valid_to, "near")
    return Mark(_("%s 已撤销") % unit.valid_to, "paused")


def _coded(code: str, column: str) -> Unit | None:
    if not code:
        return None
    found = Unit.objects.filter(code=code).first()
    if found is None:
        raise Refusal("unit", _("没有这个单位:%s。") % code[:40], field=column)
    return found


def _above(units: Any) -> dict[int, list[Unit]]:
    """The units above each, the highest first."""
    by_id = {unit.pk: unit for unit in units}
    found: dict[int, list[Unit]] = {}
    for unit in by_id.values():
        path: list[Unit] = []
        at = by_id.get(unit.parent_id) if unit.parent_id else None
        while at is not None and at not in path:
            path.insert(0, at)
            at = by_id.get(at.parent_id) if at.parent_id else None
        found[unit.pk] = path
    return found


def _in_state(unit: Unit, state: str, on: date, run: set[int]) -> bool:
    closed = unit.valid_to is not None and unit.valid_to <= on
    return {
        "now": unit.valid_from <= on and not closed,
        "coming": unit.valid_from > on,
        "closed": closed,
        "run": unit.pk in run,
    }.get(state, True)


def _run_words(run: Administration | None) -> str:
    if run is None:
        return ""
    told = {"by": named(run.by), "since": run.during.lower}
    return _("%(by)s,自 %(since)s") % told


def _names_table(row: Unit) -> Table:
    versions = UnitVersion.objects.filter(unit=row).select_related("parent").order_by("-since")
    rows = tuple(
        (
            str(v.since),
            named(v),
            named(v.parent) if v.parent else "–",
            v.basis,
        )
        for v in versions
    )
    return Table(_("名称和上级"), (_("从哪天起"), _("名称"), _("上级"), _("依据")), rows)


def _runs_table(row: Unit, on: date) -> Table:
    runs = (
        Administration.objects.filter(by=row, during__contains=on)
        .select_related("unit")
        .order_by("unit__code")
    )
    rows = tuple((r.unit.code, named(r.unit), str(r.during.lower), r.basis) for r in runs)
    return Table(_("由它托管的"), (_("代码"), _("名称"), _("从哪天起"), _("依据")), rows)


def _below_table(row: Unit, on: date) -> Table:
    below = Unit.objects.filter(parent=row).order_by("code")
    runs = Administration.objects.filter(unit__parent=row, during__contains=on).select_related("by")
    run_by = {run.unit_id: named(run.by) for run in runs}
    rows = tuple(
        (u.code, named(u), u.get_kind_display(), run_by.get(u.pk, "–"), unit_state(u, on)) for u in below
    )
    heads = (_("代码"), _("名称"), _("类别"), _("由谁托管"), _("状态"))
    return Table(_("在它之下的(%s)") % len(rows), heads, rows)


def _people_table(row: Unit, on: date) -> Table:
    grants = Grant.objects.filter(holds_on(on), unit=row, person__is_active=True)
    counts: Counter[str] = Counter(dict(grants.values_list("role").annotate(Count("person", distinct=True))))
    rows = tuple((role_label(role), str(count)) for role, count in sorted(counts.items()))
    return Table(_("人员"), (_("角色"), _("人数")), rows)
