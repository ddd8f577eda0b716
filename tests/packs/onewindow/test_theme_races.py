"""Two offices decide at the same moment, each over a connection of its own: what waited for both begins once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from bihuan.kernel.bundles.models import Part
from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.scope import scope_apply
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.pack import packs
from bihuan.packs.onewindow.themes.services import theme_set
from tests.committed import cases_emptied, connected, together
from tests.packs.onewindow.bazaar import FOOD, HYGIENE, SIGN, Bazaar
from tests.packs.onewindow.conftest import Window
from tests.walks import EVERYTHING

BOTH = f"卫生 | {HYGIENE}\n招牌 | {SIGN}\n食品 | {FOOD} | 之后:卫生、招牌"
ROUNDS = 3
WHY = {"reason": "申请人不开店了"}


@pytest.fixture
def bazaar(django_db_setup: None, django_db_blocker: Any, now: datetime) -> Iterator[Bazaar]:
    with django_db_blocker.unblock(), cases_emptied():
        try:
            with transaction.atomic():
                scope_apply(EVERYTHING)
                made = Bazaar(Window(now))
                theme_set(theme=made.theme.pk, given={"parts": BOTH}, now=now, by="system")
            yield made
        finally:
            with connected("owner"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("truncate onewindow_item, onewindow_theme cascade")


def begun(bazaar: Bazaar) -> tuple[int, dict[str, int]]:
    """A whole whose first two parts are examined, and their cases."""
    with transaction.atomic():
        scope_apply(EVERYTHING)
        whole = bazaar.take().case
        return whole, {code: bazaar.examine(whole, code) for code in ("卫生", "招牌")}


def decide(bazaar: Bazaar, code: str, case: int) -> Any:
    person = bazaar.window.people[bazaar.who(code, "section_chief")]
    grant = packs()["onewindow"].writers["part_grant"]
    return grant(
        case_id=case, step="part_grant", by=person, now=bazaar.window.now, data={"answer": "准予许可。"}
    )


def test_two_that_end_at_the_same_moment_open_what_waits_for_both_once(bazaar: Bazaar) -> None:
    for _ in range(ROUNDS):
        whole, cases = begun(bazaar)
        results = together(*(partial(decide, bazaar, *one) for one in cases.items()))
        assert [getattr(result, "state", result) for result in results] == ["part_granted"] * 2
        with kernel_writes():
            parts = dict(Part.objects.filter(bundle=whole).values_list("code", "outcome"))
            food = Case.objects.filter(origin=whole, title__startswith="食品")
            assert (parts, food.count()) == ({"卫生": "done", "招牌": "done", "食品": ""}, 1)
            told = Case.objects.get(pk=whole).facts["parts"]
        assert told == {"卫生": "done", "招牌": "done", "食品": "begun"}
    with transaction.atomic():
        scope_apply(EVERYTHING)
        assert ledger_verify().faults == ()


def test_withdrawing_the_whole_while_a_part_is_decided_leaves_one_truth(bazaar: Bazaar) -> None:
    withdraw = packs()["onewindow"].writers["withdraw_theme"]
    by, now = bazaar.window.people["fang"], bazaar.window.now
    for _ in range(ROUNDS):
        whole, cases = begun(bazaar)
        ends = partial(withdraw, case_id=whole, step="withdraw_theme", by=by, now=now, data=WHY)
        together(ends, partial(decide, bazaar, "卫生", cases["卫生"]))
        with kernel_writes():
            assert Case.objects.get(pk=whole).state == "evaluating"
            states = dict(Part.objects.filter(bundle=whole).values_list("code", "case__state"))
        assert states.pop("卫生") in ("part_granted", "part_withdrawn")
        assert states == {"招牌": "part_withdrawn", "食品": None}
