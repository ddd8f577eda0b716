"""Opening many cases: in parts that are written while the next are prepared, yet all or none."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from bihuan.kernel.cases import opening
from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.cases.opening import Opening, PartyData, case_open_many
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.verify import ledger_verify
from tests.walks import CENTRE, World

pytestmark = pytest.mark.django_db
IDS = ("A", "B", "C", "D", "E")


@pytest.fixture
def openings(db: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> list[Opening]:
    """Five, in parts of two."""
    monkeypatch.setattr(opening, "PART", 2)
    world = World("hotline", now)
    world.see("")
    one = Opening(
        pack="hotline", title="路灯不亮", text="请修复。", unit=world.unit[CENTRE], opened_by=world.unit[CENTRE],
        by=0, now=now, reported_at=now, region="371502", parties=(PartyData(name="宋女士"),),
    )  # fmt: skip
    return [replace(one, external_id=id_) for id_ in IDS]


def role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('role')")
        return str(cursor.fetchone()[0])


def counts() -> tuple[int, int, int]:
    return Case.objects.count(), Party.objects.count(), LedgerEntry.objects.count()


def test_parts_are_numbered_in_order_and_every_ledger_entry_holds(openings: list[Opening]) -> None:
    before, role_before = counts(), role()
    opened = case_open_many(openings)
    assert role() == role_before
    assert counts() == tuple(count + 5 for count in before)
    found = Case.objects.filter(external_id__in=IDS).order_by("id").values_list("id", "external_id", "number")
    assert list(found) == [(o.case, id_, o.number) for o, id_ in zip(opened, IDS, strict=True)]
    first = int(opened[0].number[-4:])
    assert [int(o.number[-4:]) for o in opened] == list(range(first, first + 5))
    assert ledger_verify().faults == ()


@pytest.mark.parametrize("twin", [0, 2, 4], ids=["first part", "middle part", "last part"])
def test_a_duplicate_in_any_part_opens_none(openings: list[Opening], twin: int) -> None:
    case_open_many([replace(openings[0], external_id="X")])
    before, role_before = counts(), role()
    openings[twin] = replace(openings[twin], external_id="X")
    with pytest.raises(IntegrityError), transaction.atomic():
        case_open_many(openings)
    assert counts() == before
    assert role() == role_before


def test_a_case_may_have_its_own_number_of_days(now: datetime) -> None:
    """The fact `limits` replaces the number of a policy's limit; one derived limit is one value, however often it is asked for."""
    own = rulebook()
    value = own.value("hotline.handle", region="371502", on=now.date())["default"]
    derived = own.numbered(value, 3)
    assert derived == {**value, "number": 3}
    assert own.numbered(value, 3) is derived
    assert (own.limit(derived).number, own.limit(value).number) == (3, 5)
    assert own.limit(own.numbered(value, 7)).number == 7
