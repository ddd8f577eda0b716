"""Units of the demonstration city as frozen values: territory, zones, offices, desks, and who runs a place.

Codes: territories bear their GB/T 2260 code (6 digits) or statistical township code (9 digits); a functional
zone has no such code and bears the city's code, "_" and a slug, as do offices with their territory's code.
A township's parent is the county of its code; who runs it is a relation of its own (systems.md §0, S1).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from bihuan.site.city.departments import CITY, DISTRICT, EMERGENCY, Department
from bihuan.site.city.romanised import romanised

CITY_CODE = "371500"
DISTRICT_CODE = "371502"
RESORT_ZONE = f"{CITY_CODE}_resort"
LIHAIWU = "371502011"


class Kind(StrEnum):
    """What a unit is."""

    TERRITORY = "territory"
    ZONE = "zone"
    TOWNSHIP = "township"
    DEPARTMENT = "department"
    CENTRE = "centre"
    DESK = "desk"
    EXTERNAL = "external"


class Level(StrEnum):
    """The level of government that a unit belongs to."""

    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"


@dataclass(frozen=True, slots=True)
class CityUnit:
    """One unit. `parent` is a code, None for the city; `demonstration` marks what is made up."""

    code: str
    name: str
    name_en: str
    level: Level
    kind: Kind
    parent: str | None
    demonstration: bool = False


@dataclass(frozen=True, slots=True)
class AdministeredBy:
    """The township `unit` is run by the zone `by`, whatever county its code names. Undated: since ever."""

    unit: str
    by: str
    demonstration: bool
    source: str


_ZONES = (
    (
        f"{CITY_CODE}_development",
        "聊城经济技术开发区",
        "Liaocheng Economic and Technological Development Zone",
    ),
    (f"{CITY_CODE}_hightech", "聊城高新技术产业开发区", "Liaocheng High-Tech Zone"),
    (RESORT_ZONE, "聊城江北水城旅游度假区", "Liaocheng Water City Tourist Resort Zone"),
)

_RUN_BY_HAND = {
    f"{CITY_CODE}_development": ("371502008", "371502009", "371502010", "371502115", "371502116"),
    f"{CITY_CODE}_hightech": ("371502108", "371502110"),
    RESORT_ZONE: ("371502004", "371502107", "371502109"),
}

ADMINISTERED_BY: tuple[AdministeredBy, ...] = (
    AdministeredBy(LIHAIWU, RESORT_ZONE, demonstration=False, source="聊城日报 2022-02-07"),
    *(
        AdministeredBy(unit, zone, demonstration=True, source="演示设定")
        for zone, run in _RUN_BY_HAND.items()
        for unit in run
    ),
)
"""Every township that a functional zone runs; all others are run by their parent."""


@cache
def territory() -> dict[str, Any]:
    """liaocheng.json: sources, city, counties with `centre` (lon, lat) and `geometry`, townships."""
    text = files("bihuan.site.city").joinpath("liaocheng.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def _offices(rows: tuple[Department, ...], *, at: CityUnit, kind: Kind = Kind.DEPARTMENT) -> list[CityUnit]:
    place = at.name_en.removesuffix(" City") if at.level is Level.CITY else at.name_en
    return [
        CityUnit(
            f"{at.code}_{row.slug}", f"{at.name}{row.name}", f"{place} {row.name_en}",
            at.level, kind, at.code, demonstration=kind is Kind.DEPARTMENT,
        )
        for row in rows
    ]  # fmt: skip


def _desk(of: CityUnit) -> CityUnit:
    name, english = f"{of.name}热线协调台", f"{of.name_en} Coordination Desk"
    return CityUnit(f"{of.code}_desk", name, english, Level.COUNTY, Kind.DESK, of.code, demonstration=True)


@cache
def units() -> tuple[CityUnit, ...]:
    """All units, parents first: city, 8 counties, 3 zones, 136 townships, centres, desks, offices."""
    city = CityUnit(CITY_CODE, "聊城市", "Liaocheng City", Level.CITY, Kind.TERRITORY, None)
    counties = [
        CityUnit(
            row["code"], row["name"], romanised(code=row["code"], name=row["name"]),
            Level.COUNTY, Kind.TERRITORY, CITY_CODE,
        )
        for row in territory()["counties"]
    ]  # fmt: skip
    zones = [
        CityUnit(code, name, english, Level.COUNTY, Kind.ZONE, CITY_CODE) for code, name, english in _ZONES
    ]
    townships = [
        CityUnit(
            row["code"], row["name"], romanised(code=row["code"], name=row["name"]),
            Level.TOWNSHIP, Kind.TOWNSHIP, row["county"],
        )
        for row in territory()["townships"]
    ]  # fmt: skip
    district = next(unit for unit in counties if unit.code == DISTRICT_CODE)
    centres = [
        CityUnit(
            f"{CITY_CODE}_12345", "聊城市12345政务服务便民热线中心", "Liaocheng 12345 Hotline Centre",
            Level.CITY, Kind.CENTRE, CITY_CODE,
        ),
        CityUnit(
            f"{DISTRICT_CODE}_12345", "东昌府区12345市民热线受理中心",
            "Dongchangfu District 12345 Hotline Centre", Level.COUNTY, Kind.CENTRE, DISTRICT_CODE,
        ),
    ]  # fmt: skip
    return (
        city,
        *counties,
        *zones,
        *townships,
        *centres,
        *(_desk(unit) for unit in (*counties, *zones)),
        *_offices(DISTRICT, at=district),
        *_offices(CITY, at=city),
        *_offices(EMERGENCY, at=city, kind=Kind.EXTERNAL),
    )


@cache
def units_by_code() -> dict[str, CityUnit]:
    """Every unit by its code."""
    return {unit.code: unit for unit in units()}


@cache
def _runner_by_township() -> dict[str, str]:
    return {row.unit: row.by for row in ADMINISTERED_BY}


def runner_of(code: str) -> str:
    """The code of the county or zone that runs the township `code`; KeyError when there is none."""
    unit = units_by_code()[code]
    if unit.kind is not Kind.TOWNSHIP or unit.parent is None:
        raise KeyError(code)
    return _runner_by_township().get(code, unit.parent)
