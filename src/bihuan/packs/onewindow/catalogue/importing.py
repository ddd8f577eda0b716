"""Items from a file: every row counted, bad rows reported and kept, a second run changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import Refusal
from bihuan.lib.tables import (
    BadRows,
    Fault,
    Row,
    TableError,
    bad_rows_path,
    cell_text,
    file_fingerprint,
    open_table,
)
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.catalogue.codes import Code, code_read
from bihuan.packs.onewindow.catalogue.contents import (
    contents_check,
    contents_clean,
    materials_read,
    materials_told,
)
from bihuan.packs.onewindow.catalogue.holding import registers_given
from bihuan.packs.onewindow.catalogue.mappings import MAPPINGS, ItemMapping
from bihuan.packs.onewindow.catalogue.services import ADMINISTRATOR, COLUMNS, STREAM, TYPES
from bihuan.packs.onewindow.columns.saved import mapping_saved, sources_saved
from bihuan.packs.onewindow.models import Item, ItemVersion


@dataclass(slots=True)
class ItemsReport:
    """What an import did: `good` = `new` + `changed` + `same`; `unverified` of the good have an organ that is no valid code. `unheld`: materials
    that the file says the city has and no register holds: they are to be handed in.

    `faults`: how often each rule was broken; `bad_rows_file`: where the bad rows were kept.
    """

    file: str
    mapping: str
    dry_run: bool
    rows: int = 0
    good: int = 0
    bad: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    unverified: int = 0
    unheld: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    bad_rows_file: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True)
class _Good:
    """A row that can be used: its code and the values of the columns that the file gives."""

    row: Row
    code: Code
    values: dict[str, Any]


def items_import(
    *, path: str | Path, mapping: str, now: datetime, by: int | str, dry_run: bool = False
) -> ItemsReport:
    """Import the items of a CSV or Excel file by a mapping of ours, or by the columns kept for a source of this name. What the file does
    not say of a known item stays as it is.

    Refusal for an unknown mapping or missing columns, TableError for a file that is no table; then nothing has changed.
    """
    power_require(*ADMINISTRATOR, by=by, now=now)
    source, chosen = Path(path), MAPPINGS.get(mapping) or mapping_saved(mapping)
    if chosen is None:
        known = "、".join((*MAPPINGS, *sources_saved()))
        raise Refusal("mapping", f"没有这种对照:{mapping[:40]};可用的:{known}。", field="mapping")
    report = ItemsReport(source.name, mapping, dry_run)
    with open_table(source, published=True) as table:
        missing = sorted(chosen.needs - set(table.headers))
        if missing:
            raise TableError(1, "", "mapping", f"缺少列:{'、'.join(missing)}")
        kept = BadRows(bad_rows_path(source), table.headers)
        with kept:
            good = list(_read(table.rows, chosen, report, None if dry_run else kept))
            good = list(_possible(good, chosen, report, None if dry_run else kept))
        report.bad_rows_file = kept.path.name if kept.count else None
    with transaction.atomic():
        with kernel_writes():
            _enter(good, report, now, by, file_fingerprint(source), chosen)
        if dry_run:
            transaction.set_rollback(True)
    return report


def _read(rows: Any, mapping: ItemMapping, report: ItemsReport, kept: BadRows | None) -> Any:
    seen: set[str] = set()
    faults: Counter[str] = Counter()
    for row in rows:
        report.rows += 1
        found = _good(row, mapping, seen)
        if isinstance(found, _Good):
            seen.add(found.code.text)
            report.good += 1
            report.unverified += not found.code.verified
            yield found
            continue
        report.bad += 1
        faults[found[0].rule] += 1
        if kept:
            kept.add(row, found)
    report.faults = dict(sorted(faults.items()))


def _good(row: Row, mapping: ItemMapping, seen: set[str]) -> _Good | tuple[Fault, ...]:
    if row.faults:
        return row.faults
    texts = {
        name: cell_text(row.values[header]).strip()
        for header, name in mapping.columns.items()
        if header in row.values
    }
    texts = mapping.read({name: mapping.values.get(name, {}).get(text, text) for name, text in texts.items()})
    try:
        unit = _unit(texts.pop("unit", ""), mapping)
        code = code_read(texts.pop("code"), mapping.scheme)
        if code.text in seen:
            raise FieldError("code", "duplicate", "这个编码在文件里已有一行。")
        values = contents_clean(texts, kinds=TYPES, code=code)
    except FieldError as fault:
        return (_told(fault, mapping),)
    return _Good(
        row, code, {**values, **unit, "organ_code": code.organ[:40], "organ_verified": code.verified}
    )


def _told(fault: FieldError, mapping: ItemMapping) -> Fault:
    headers = {name: header for header, name in mapping.columns.items()}
    return Fault(headers.get(fault.field, fault.field), fault.rule, fault.message)


def _possible(
    good: list[_Good], mapping: ItemMapping, report: ItemsReport, kept: BadRows | None
) -> Iterator[_Good]:
    """Those that can be together with what is known of the item; the others are bad rows."""
    last = {version.item.code: version for version in _latest([one.code.text for one in good])}
    faults = Counter(report.faults)
    for one in good:
        try:
            contents_check({**_values(last.get(one.code.text)), **one.values})
        except FieldError as fault:
            report.good -= 1
            report.bad += 1
            report.unverified -= not one.code.verified
            faults[fault.rule] += 1
            if kept:
                kept.add(one.row, [_told(fault, mapping)])
        else:
            yield one
    report.faults = dict(sorted(faults.items()))


def _latest(codes: list[str]) -> QuerySet[ItemVersion]:
    """The last version of each item of these codes."""
    versions = ItemVersion.objects.filter(item__code__in=codes).select_related("item")
    return versions.order_by("item", "-since", "-pk").distinct("item")


def _unit(told: str, mapping: ItemMapping) -> dict[str, int]:
    """The approving unit where a row names one."""
    if told and told not in mapping.values["unit"].values():
        raise FieldError("unit", "unit", f"没有这个审批单位:{told[:60]}。")
    return {"unit_id": int(told)} if told else {}


def _enter(
    good: list[_Good],
    report: ItemsReport,
    now: datetime,
    by: int | str,
    fingerprint: str,
    mapping: ItemMapping,
) -> None:
    """Enter what is new or changed, all in a few statements, with one entry of the register that names the items."""
    on = timezone.localdate(now)
    known = {item.code: item for item in Item.objects.filter(code__in=[one.code.text for one in good])}
    last = {version.item_id: version for version in _latest(list(known))}
    fresh = [Item(code=one.code.text, scheme=mapping.scheme) for one in good if one.code.text not in known]
    known |= {item.code: item for item in Item.objects.bulk_create(fresh)}
    versions, names = [], []
    for one in good:
        item = known[one.code.text]
        before = last.get(item.pk)
        values = {**(_values(before) or {"fees_unknown": True}), **one.values}
        if "materials" in one.values:
            known_lines = materials_told(before.materials).splitlines() if before else ()
            lines, unheld = registers_given(materials_told(one.values["materials"]), known_lines)
            values["materials"] = materials_read(lines)
            report.unheld += len(unheld)
        if before is not None and values == _values(before):
            report.same += 1
            continue
        report.new += before is None
        report.changed += before is not None
        contents_check(values)
        since = max(on, before.since) if before else on
        versions.append(ItemVersion(item=item, since=since, recorded_at=now, **values))
        names.append(item.code)
    ItemVersion.objects.bulk_create(versions)
    if names:
        data = {
            "file": fingerprint,
            "mapping": mapping.name,
            "items": names,
            "new": report.new,
            "changed": report.changed,
        }
        register_append(stream=STREAM, kind="items_imported", at=now, by=by, data=data)


def _values(version: ItemVersion | None) -> dict[str, Any]:
    return {name: getattr(version, name) for name in COLUMNS} if version is not None else {}
