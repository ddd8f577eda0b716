"""Dispatch: which unit an order goes to, and why, in words. `decide` is pure; `dispatch_map` reads what it
judges by.

Rules: systems.md §1 Dispatch; rules.md A1 (dispatch directory; no department's matter to a township), A2
(danger to life at once), A5 (who runs the place; city leads where it overlaps), A8 (never the accused
unit). What the rules cannot settle goes to the coordination desk of the place as provisional holder (DESIGN
§3 Assignment): nothing is parked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection

from bihuan.kernel.exchange.follow import units_below
from bihuan.kernel.identity.models import Administration
from bihuan.kernel.identity.models import Unit as UnitRow
from bihuan.packs.hotline.emergencies import FOLLOW_UP, FRESH, SERVICE_BY_MATTER, Danger, danger_found
from bihuan.packs.hotline.models import Directory, Matter
from bihuan.packs.hotline.order_data import CleanOrder, Words
from bihuan.packs.hotline.places import Places, Run, Unit, places_build
from bihuan.packs.hotline.reasons import reason
from bihuan.packs.hotline.text.model import Proposal

STAMP = """
    select (select coalesce(sum(xmin::text::bigint + hashtid(ctid)), 0) from identity_unit),
           (select coalesce(sum(xmin::text::bigint + hashtid(ctid)), 0) from identity_administration),
           (select coalesce(sum(xmin::text::bigint + hashtid(ctid)), 0) from hotline_directory),
           (select coalesce(sum(xmin::text::bigint + hashtid(ctid)), 0) from hotline_matter),
           (select coalesce(sum(id * 2 + active::int), 0) from exchange_peer),
           (select fingerprint from hotline_trained_model order by id desc limit 1)
"""
"""Changes when a row of these small tables is added, changed or taken away."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the directory. `unit` is None where the township of the place itself leads."""

    matter: str
    level: str
    territory: int | None
    unit: int | None
    basis: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Kind:
    """What dispatch must know of a matter."""

    name: str
    emergency: bool
    township: bool
    route: str


@dataclass(frozen=True)
class DispatchMap:
    """All that decisions rest on, as of one stamp: places, directory, matters, the centre, the model in
    force, and the units that are centres below us with a system of their own.
    """

    stamp: tuple[Any, ...]
    places: Places
    rows: dict[str, tuple[Row, ...]]
    matters: dict[str, Kind]
    home: Unit
    centre: Unit
    model: str | None
    below: frozenset[int] = frozenset()

    def row_for(self, matter: str, runner: Unit, *, on: date) -> Row | None:
        """The directory's row where `runner` runs the place; what the city leads, it leads everywhere in
        the city.
        """
        rows = [r for r in self.rows.get(matter, ()) if r.since <= on and (r.until is None or on < r.until)]
        own = (r for r in rows if r.territory == runner.id)
        return next(own, None) or next((r for r in rows if r.level == "city"), None)

    def words(self) -> Words:
        """What names of matters and units mean here."""
        by_name = {kind.name: code for code, kind in self.matters.items()}

        def matter(text: str) -> str | None:
            return text if text in self.matters else by_name.get(text)

        def unit(text: str, on: date) -> int | None:
            found = self.places.unit_named(text, on=on)
            return found.id if found else None

        return Words(matter, unit)


@dataclass(frozen=True, slots=True)
class Decision:
    """Where an order goes. `step` is dispatch, coordinate or hold; `automatic`: a final unit, with no
    person between.

    `matter` is "" when unsure; `confidence` 0-1 is the model's, None when it was not asked. `service` is
    called at once.
    """

    unit: int
    step: str
    matter: str = ""
    territory: int | None = None
    confidence: float | None = None
    proposed: str = ""
    service: str = ""
    urgent: bool = False
    township_matter: bool = False
    reasons: tuple[str, ...] = field(default=())

    @property
    def automatic(self) -> bool:
        return self.step == "dispatch"


def dispatch_map() -> DispatchMap:
    """The map in force, kept in the process and read again when anything in it changed (one question a
    call).
    """
    with connection.cursor() as cursor:
        cursor.execute(STAMP)
        stamp = (*cursor.fetchone(), settings.REGION, connection.settings_dict["NAME"])
    return _map_read(stamp)


@lru_cache(maxsize=1)
def _map_read(stamp: tuple[Any, ...]) -> DispatchMap:
    units = [
        Unit(u.pk, u.code, u.name, u.kind, u.level, u.parent_id, u.valid_from, u.valid_to)
        for u in UnitRow.objects.order_by("id")
    ]
    runs = [
        Run(a.unit_id, a.by_id, a.during.lower or date.min, a.during.upper)
        for a in Administration.objects.all()
    ]
    places = places_build(units, runs)
    rows: dict[str, tuple[Row, ...]] = {}
    for d in Directory.objects.order_by("id"):
        row = Row(d.matter, d.level, d.territory_id, d.unit_id, d.legal_basis, d.valid_from, d.valid_to)
        rows[d.matter] = (*rows.get(d.matter, ()), row)
    kinds = Matter.objects.filter(active=True).exclude(parent=None)
    matters = {m.code: Kind(m.name, m.emergency, m.township, m.route) for m in kinds}
    home = places.by_code[settings.REGION]
    centre = next((u for u in units if u.kind == "centre" and u.parent == home.id), home)
    return DispatchMap(stamp, places, rows, matters, home, centre, stamp[5], frozenset(units_below()))


def is_for_seat(order: CleanOrder) -> bool:
    """Does it stay with the seat: answered there, or invalid and to be judged there?"""
    return order.answer_at_seat or order.type == "invalid"


def danger_of(order: CleanOrder, at: DispatchMap) -> Danger | None:
    """Danger to life: a matter given as an emergency, or plain words in a fresh message, whatever its matter."""
    given = at.matters.get(order.matter)
    if given is not None and given.emergency:
        return Danger(order.matter, SERVICE_BY_MATTER.get(order.matter, "110"), "")
    return danger_found(f"{order.title}\n{order.text}") if order.now - order.reported_at <= FRESH else None


def needs_proposal(order: CleanOrder, at: DispatchMap) -> bool:
    """Must the text model be asked? Not when the matter is given, told by plain words, or the seat keeps
    the order.
    """
    return not (order.matter or is_for_seat(order) or danger_of(order, at))


def decide(*, order: CleanOrder, at: DispatchMap, proposal: Proposal | None) -> Decision:
    """The decision for one clean order. `proposal` is the model's, None when it was not asked or there is
    no model.
    """
    if is_for_seat(order):
        why = reason("invalid" if order.type == "invalid" else "seat")
        return Decision(at.centre.id, "hold", order.matter, reasons=(why,))
    danger = danger_of(order, at)
    place, place_reason = _place(order, at)
    matter, matter_reason = _matter(order, at, danger, proposal)
    proposed = proposal.label if proposal and proposal.label in at.matters else ""
    known = Decision(
        unit=0,
        step="coordinate",
        matter=matter,
        territory=place.id if place else None,
        confidence=proposal.confidence if proposal else None,
        proposed=proposed,
        service=danger.service if danger else "",
        urgent=order.urgent or danger is not None,
        township_matter=bool(matter and at.matters[matter].township),
        reasons=(reason("danger", service=danger.service),) if danger else (),
    )
    known = replace(known, reasons=(*known.reasons, matter_reason, place_reason))
    below = _below(order, at, place)
    if not matter:
        return (
            _to_below(known, below, at) if below else _to_desk(known, order, at, place, reason("no_matter"))
        )
    if place is None:
        return _to_desk(known, order, at, place, reason("no_place"))
    return _by_directory(known, order, at, place)


def _matter(
    order: CleanOrder, at: DispatchMap, danger: Danger | None, proposal: Proposal | None
) -> tuple[str, str]:
    if order.matter:
        return order.matter, reason("matter_given", matter=at.matters[order.matter].name)
    if danger and danger.matter in at.matters:
        return danger.matter, reason(
            "matter_words", matter=at.matters[danger.matter].name, words=danger.words
        )
    if proposal is None:
        return "", reason("matter_no_model")
    kind = at.matters.get(proposal.label)
    if kind is None:
        return "", reason("matter_not_listed", label=proposal.label)
    likely = {"matter": kind.name, "confidence": f"{proposal.confidence:.0%}"}
    if proposal.abstain:
        return "", reason("matter_unsure", **likely, why=proposal.why_abstained)
    return proposal.label, reason("matter_model", **likely, weighed=proposal.reason_text)


def _place(order: CleanOrder, at: DispatchMap) -> tuple[Unit | None, str]:
    """The place, the smallest that is told: a township named in the words counts inside the territory that was given."""
    places, on = at.places, order.on
    given = places.place_named(order.territory, on=on) if order.territory else None
    if order.territory and given is None:
        return None, reason("place_unknown", words=order.territory[:30])
    found = given
    for text in (order.place, order.title, order.text):
        if found is None or found.kind != "township":
            found = _closer(places, found, places.place_within(text, on=on), on)
    if found is None:
        unknown = reason("place_unknown", words=order.place[:30]) if order.place else reason("place_missing")
        return None, unknown
    runner = places.runner_of(found, on=on)
    if found.kind == "township" and runner.id != found.parent:
        return found, reason("place_run", unit=found.name, runner=runner.name)
    if runner.id != found.id:
        return found, reason("place_of", unit=found.name, runner=runner.name)
    return found, reason("place", unit=found.name)


def _closer(places: Places, known: Unit | None, told: Unit | None, on: date) -> Unit | None:
    """`told` when it lies inside what is known, or when nothing is known yet."""
    if known is None or told is None:
        return known or told
    return told if known.id in (told.parent, places.runner_of(told, on=on).id) else known


def _by_directory(known: Decision, order: CleanOrder, at: DispatchMap, place: Unit) -> Decision:
    """The directory's lead, or the desk when there is none that may have it."""
    kind = at.matters[known.matter]
    if kind.route:
        why = reason("route", route=kind.route)
        return _to_desk(known, order, at, place, why)
    runner = at.places.runner_of(place, on=order.on)
    row = at.row_for(known.matter, runner, on=order.on)
    below = _below(order, at, place)
    if below is not None and (row is None or row.level != "city"):
        return _to_below(known, below, at)
    if row is None:
        why = reason("not_in_directory", runner=runner.name, matter=kind.name)
        return _to_desk(known, order, at, place, why)
    if row.unit is None and place.kind != "township":
        why = reason("which_township", matter=kind.name)
        return _to_desk(known, order, at, place, why)
    lead = at.places.by_id[row.unit] if row.unit is not None else place
    unit = _follow_up(known, at, runner) if lead.kind == "external" else lead
    refused = _refused(unit, kind, order)
    if unit is None or refused:
        return _to_desk(known, order, at, place, refused)
    named = {"matter": kind.name, "unit": lead.name, "law": f"《{row.basis.strip('《》')}》"}
    said = reason("lead", **named)
    if unit.id != lead.id:
        said = reason("lead_follow", **named, follow=unit.name)
    return replace(known, unit=unit.id, step="dispatch", reasons=(*known.reasons, said))


def _below(order: CleanOrder, at: DispatchMap, place: Unit | None) -> Unit | None:
    """The centre below us that has a system of its own and whose territory runs the place; it dispatches by itself."""
    if place is None or not at.below:
        return None
    runner = at.places.runner_of(place, on=order.on)
    unit = at.places.office(runner, "centre", on=order.on)
    lower = unit is not None and unit.id in at.below and runner.id != at.home.id
    return unit if lower and unit is not None and unit.id != order.accused else None


def _to_below(known: Decision, unit: Unit, at: DispatchMap) -> Decision:
    """To the centre below, whatever the matter: all but what the city itself leads."""
    runner = at.places.by_id[unit.parent] if unit.parent is not None else unit
    said = reason("below", runner=runner.name, unit=unit.name)
    return replace(known, unit=unit.id, step="dispatch", reasons=(*known.reasons, said))


def _refused(unit: Unit | None, kind: Kind, order: CleanOrder) -> str:
    """Why the unit may not have the order, or ""."""
    if unit is None or not unit.exists(order.on):
        return reason("unit_gone")
    if unit.kind == "township" and not kind.township:
        return reason("not_for_township", matter=kind.name)
    return reason("accused", unit=unit.name) if unit.id == order.accused else ""


def _follow_up(known: Decision, at: DispatchMap, runner: Unit) -> Unit | None:
    service = known.service or SERVICE_BY_MATTER.get(known.matter, "110")
    return at.places.by_code.get(f"{runner.code}_{FOLLOW_UP[service]}")


def _to_desk(known: Decision, order: CleanOrder, at: DispatchMap, place: Unit | None, why: str) -> Decision:
    """To the coordination desk of who runs the place; without one, to the centre's own."""
    places, on = at.places, order.on
    territories = [places.runner_of(place, on=on), at.home] if place else [at.home]
    desks = [places.office(territory, "desk", on=on) for territory in territories]
    unit = next((u for u in (*desks, at.centre) if u is not None and u.id != order.accused), at.centre)
    return replace(
        known,
        unit=unit.id,
        step="coordinate",
        reasons=(*known.reasons, reason("desk", why=why, unit=unit.name)),
    )


def decision_refused(decision: Decision, order: CleanOrder, at: DispatchMap, why: str) -> Decision:
    """The decision instead, when a rule of the workflow refused the unit chosen: the coordination desk."""
    place = at.places.by_id[decision.territory] if decision.territory else None
    return _to_desk(decision, order, at, place, why)


def decision_held(decision: Decision, at: DispatchMap, why: str) -> Decision:
    """The decision when nobody else may have the order: it stays with the seat, which dispatches by hand."""
    reasons = (*decision.reasons, reason("held", why=why.rstrip("。")))
    return replace(decision, unit=at.centre.id, step="hold", reasons=reasons)
