"""The demonstration city: numbers and names of units, who runs which place, and a person in every role."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from bihuan.site.city.departments import CITY, DISTRICT
from bihuan.site.city.people import CAST, Role, people
from bihuan.site.city.romanised import ROMANISED
from bihuan.site.city.units import (
    ADMINISTERED_BY,
    DISTRICT_CODE,
    LIHAIWU,
    RESORT_ZONE,
    Kind,
    Level,
    runner_of,
    territory,
    units,
    units_by_code,
)

ROOT = Path(__file__).resolve().parents[2]
GEO = ROOT.parent / "shared/data/geo"
FILE = ROOT / "src/bihuan/site/city/liaocheng.json"


def of_kind(kind: Kind) -> list[str]:
    return [unit.code for unit in units() if unit.kind is kind]


def test_territory_counts() -> None:
    assert len(territory()["counties"]) == 8
    assert len(of_kind(Kind.TOWNSHIP)) == 136
    assert len(of_kind(Kind.ZONE)) == 3
    county_level = [u for u in units() if u.level is Level.COUNTY and u.kind in (Kind.TERRITORY, Kind.ZONE)]
    assert len(county_level) == 11


def test_codes_are_unique_and_parents_come_first() -> None:
    seen: set[str] = set()
    for unit in units():
        assert unit.code not in seen
        assert (unit.parent in seen) or (unit.code == "371500" and unit.parent is None)
        seen.add(unit.code)
    assert seen == set(units_by_code())


def test_names_are_unique_and_complete() -> None:
    names = Counter(unit.name for unit in units())
    assert {name for name, times in names.items() if times > 1} == set()
    assert [unit.code for unit in units() if not unit.name_en.isascii()] == []
    territories = {r["code"] for r in (*territory()["counties"], *territory()["townships"])}
    assert set(ROMANISED) == territories
    assert units_by_code()[LIHAIWU].name_en == "Lihaiwu Subdistrict"


def test_lihaiwu_is_coded_under_the_district_and_run_by_the_resort_zone() -> None:
    assert units_by_code()[LIHAIWU].name == "李海务街道"
    assert units_by_code()[LIHAIWU].parent == DISTRICT_CODE
    assert runner_of(LIHAIWU) == RESORT_ZONE
    assert [row.unit for row in ADMINISTERED_BY if not row.demonstration] == [LIHAIWU]


def test_every_relation_joins_a_township_and_a_zone_once() -> None:
    run = [row.unit for row in ADMINISTERED_BY]
    assert len(run) == len(set(run)) == 11
    assert set(run) <= set(of_kind(Kind.TOWNSHIP))
    assert {row.by for row in ADMINISTERED_BY} == set(of_kind(Kind.ZONE))


def test_runner_of_others_is_the_county_and_refuses_what_is_no_township() -> None:
    assert runner_of("371502001") == DISTRICT_CODE
    assert runner_of("371581113") == "371581"
    for code in ("371502", "371502_market", "999999999"):
        with pytest.raises(KeyError):
            runner_of(code)


def test_every_county_level_territory_has_a_coordination_desk() -> None:
    desks = {units_by_code()[code].parent for code in of_kind(Kind.DESK)}
    zones_and_counties = {
        u.code for u in units() if u.kind in (Kind.TERRITORY, Kind.ZONE) and u.level is Level.COUNTY
    }
    assert desks == zones_and_counties
    assert len(of_kind(Kind.DESK)) == 11


def test_offices() -> None:
    assert 40 <= len(DISTRICT) <= 50
    assert len(of_kind(Kind.DEPARTMENT)) == len(DISTRICT) + len(CITY)
    assert units_by_code()["371502_market"].name == "东昌府区市场监督管理局"
    assert units_by_code()["371502_12345"].name == "东昌府区12345市民热线受理中心"
    assert of_kind(Kind.EXTERNAL) == ["371500_110", "371500_119", "371500_120", "371500_122"]
    assert "371502_discipline" in units_by_code()


def test_every_role_is_filled_and_every_office_can_work() -> None:
    roles = {(person.unit, person.role) for person in people()}
    assert {role for _, role in roles} == set(Role)
    for code in of_kind(Kind.DEPARTMENT):
        assert {(code, r) for r in (Role.HANDLER, Role.SECTION_CHIEF, Role.BUREAU_HEAD)} <= roles
    for code in of_kind(Kind.TOWNSHIP):
        assert {role for unit, role in roles if unit == code} == {Role.HANDLER, Role.BUREAU_HEAD}
    assert {(code, Role.DISPATCHER) for code in of_kind(Kind.DESK)} <= roles


def test_people_are_distinct_and_belong_to_units() -> None:
    names = [person.username for person in people()]
    assert len(names) == len(set(names))
    pairs = [(person.unit, person.role) for person in people()[len(CAST) :]]
    assert len(pairs) == len(set(pairs))
    assert not {(person.unit, person.role) for person in CAST} & set(pairs)
    assert {person.unit for person in people()} <= set(units_by_code())


def test_standing_cast() -> None:
    cast = {person.username: (person.unit, person.role) for person in CAST}
    assert cast == {
        "li": ("371502_12345", Role.SEAT_AGENT),
        "zhou": ("371502_desk", Role.DISPATCHER),
        "wang": ("371502_market", Role.HANDLER),
        "chen": ("371502_market", Role.SECTION_CHIEF),
        "sun": ("371502_market", Role.BUREAU_HEAD),
        "zhao": ("371502_12345", Role.REVIEWER),
        "liu": ("371502_12345", Role.CALLER_DESK),
        "tang": ("371502_12345", Role.SUPERVISOR),
        "hall": ("371502_12345", Role.HALL_SCREEN),
        "fang": ("371502_approval", Role.WINDOW_CLERK),
        "jiang": ("371502_approval", Role.WINDOW_CLERK),
        "luyao": ("371502_approval", Role.WINDOW_CLERK),
        "bai": ("371502_approval", Role.WINDOW_CLERK),
        "ren": ("371502_approval", Role.ISSUING_CLERK),
        "shen": ("371502_approval", Role.REVIEW_OFFICER),
        "hou": ("371502_approval", Role.WINDOW_CLERK),
        "qin": ("371502_approval", Role.WINDOW_CLERK),
        "cheng": ("371502_approval", Role.HALL_MANAGER),
        "dou": ("371502_approval", Role.HALL_GUIDE),
        "kiosk": ("371502_approval", Role.HALL_KIOSK),
        "qian": ("371502_veterans", Role.HANDLER),
        "admin": ("371502_12345", Role.SYSTEM_ADMIN),
        "security": ("371502_12345", Role.SECURITY_ADMIN),
        "audit": ("371502_12345", Role.AUDIT_ADMIN),
    }


def test_the_file_is_small_attributed_and_its_outlines_closed() -> None:
    assert FILE.stat().st_size <= 300_000
    licences = [source["licence"] for source in territory()["sources"]]
    assert len(licences) == 2
    assert licences[0].startswith("WTFPL")
    assert licences[1].startswith("MIT")
    for county in territory()["counties"]:
        geometry = county["geometry"]
        polygons = (
            geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        )
        for ring in (ring for polygon in polygons for ring in polygon):
            assert ring[0] == ring[-1]
            assert len(ring) >= 4
            assert all(round(v, 4) == v for point in ring for v in point)
            assert all(115 < x < 117 and 35 < y < 38 for x, y in ring)


def test_chiping_bears_its_present_code_and_name() -> None:
    assert units_by_code()["371503"].name == "茌平区"
    assert "371523" not in units_by_code()
    centre = next(c["centre"] for c in territory()["counties"] if c["code"] == "371503")
    assert centre == [116.2553, 36.5807]


@pytest.mark.skipif(not GEO.exists(), reason="no shared data")
def test_same_as_the_shared_data() -> None:
    with (GEO / "liaocheng_towns.csv").open(encoding="utf-8-sig") as stream:
        towns = {(r["code"], r["name"], r["areaCode"]) for r in csv.DictReader(stream)}
    assert {(t["code"], t["name"], t["county"]) for t in territory()["townships"]} == towns
    with (GEO / "liaocheng_counties.csv").open(encoding="utf-8-sig") as stream:
        counties = {(r["code"], r["name"]) for r in csv.DictReader(stream)}
    assert {(c["code"], c["name"]) for c in territory()["counties"]} == counties
    shapes = json.loads((GEO / "liaocheng_districts.geojson").read_text(encoding="utf-8"))["features"]
    ours = {c["code"]: c["geometry"] for c in territory()["counties"]}
    for shape in shapes:
        code = {"371523": "371503"}.get(shape["id"], shape["id"])
        assert area(ours[code]) == pytest.approx(area(shape["geometry"]), rel=1e-3)


def area(geometry: dict) -> float:
    """Area in square degrees."""
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return sum(
        abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:], strict=False))) / 2
        for polygon in polygons
        for ring in polygon
    )
