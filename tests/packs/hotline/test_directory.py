"""The taxonomy of matters and the dispatch directory, checked against the demonstration city's units."""

from __future__ import annotations

import pytest

from bihuan.packs.hotline.directory.leading import (
    DIRECTORY,
    DUTIES,
    ROW_BY_MATTER,
    TOWNSHIP_ITSELF,
    DispatchLevel,
)
from bihuan.packs.hotline.directory.matters import CITY_IN_GENERAL, CLASSES, MATTER_BY_CODE, MATTERS
from bihuan.site.city.units import CITY_CODE, DISTRICT_CODE, Kind, units_by_code

TERRITORY = {DispatchLevel.COUNTY: DISTRICT_CODE, DispatchLevel.CITY: CITY_CODE}


def test_two_levels() -> None:
    assert len(CLASSES) == 12
    assert next(c.name for c in CLASSES if c.code == CITY_IN_GENERAL) == "城市综合"
    assert len(MATTERS) == len(MATTER_BY_CODE) == 109
    assert {m.class_code for m in MATTERS} == {c.code for c in CLASSES}
    assert all(len(m.code) == 4 and m.name and m.name_en.isascii() for m in MATTERS)
    assert len({m.name for m in MATTERS}) == len(MATTERS)


def test_one_row_for_every_matter_that_is_not_declined() -> None:
    assert len(DIRECTORY) == len(ROW_BY_MATTER) == 105
    assert set(ROW_BY_MATTER) == {m.code for m in MATTERS if not m.route}
    assert {m.code for m in MATTERS if m.route} == {"1291", "1292", "1293", "1294"}


@pytest.mark.parametrize("row", DIRECTORY, ids=lambda row: row.matter)
def test_every_row_points_to_existing_units(row) -> None:
    assert row.basis
    if row.level is DispatchLevel.TOWNSHIP:
        assert (row.lead, row.assisting) == (TOWNSHIP_ITSELF, ())
        return
    for slug in (row.lead, *row.assisting):
        unit = units_by_code()[f"{TERRITORY[row.level]}_{slug}"]
        assert unit.kind in (Kind.DEPARTMENT, Kind.EXTERNAL)
    assert row.lead not in row.assisting
    assert len(set(row.assisting)) == len(row.assisting)


def test_no_matter_of_a_department_goes_to_a_township() -> None:
    to_townships = {row.matter for row in DIRECTORY if row.level is DispatchLevel.TOWNSHIP}
    assert to_townships == {m.code for m in MATTERS if m.township} == {"0115", "1004", "1005", "1006", "1007"}
    assert {row.basis for row in DIRECTORY if row.matter in to_townships} == {DUTIES}
    assert DUTIES not in {row.basis for row in DIRECTORY if row.matter not in to_townships}


def test_danger_to_life_goes_to_the_emergency_services_and_a_gas_leak_to_the_gas_company() -> None:
    leads = {m.code: ROW_BY_MATTER[m.code].lead for m in MATTERS if m.emergency}
    assert leads == {"0305": "gas", "1101": "110", "1102": "119", "1103": "120", "1104": "122"}


def test_conduct_of_officials_goes_to_discipline_inspection() -> None:
    assert ROW_BY_MATTER["1210"].lead == "discipline"
    assert MATTER_BY_CODE["1210"].wrongdoing is True
