"""The draw: anybody can draw it again, no ratio is missed, nobody inspects where he has an interest."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.packs.fire.demonstration import FILED
from bihuan.packs.fire.draws.draw import Stratum, TooFewInspectors, draw_faults, draw_make
from bihuan.packs.fire.draws.services import draw_hold, draw_verify
from bihuan.packs.fire.models import Conflict, Draw, Drawn, Project
from bihuan.packs.fire.projects.services import conflict_declare
from tests.packs.fire.conftest import Section

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Judged by what comes out, on a machine however busy."""
numbers = st.lists(st.integers(1, 10**6).map(str), unique=True, max_size=30)


def made(listed: list[str], percent: int, seed: str, **more: Any) -> dict[str, Any]:
    given_: dict[str, Any] = {"inspectors": ["1", "2", "3"], "conflicts": {}, "each": 2, **more}
    return draw_make(strata=[Stratum("other", percent, "r#1", "依据", listed)], seed=seed, **given_)


@UNHURRIED
@given(listed=numbers, percent=st.integers(0, 100), seed=st.text(min_size=1, max_size=20))
def test_a_draw_takes_its_ratio_and_comes_out_the_same_again(
    listed: list[str], percent: int, seed: str
) -> None:
    record = json.loads(json.dumps(made(listed, percent, seed)))
    (group,) = record["strata"]
    assert len(group["drawn"]) == -(-len(listed) * percent // 100)
    assert set(group["drawn"]) <= set(listed)
    assert all(len(set(team)) == 2 for team in record["teams"].values())
    assert draw_faults(record) == []
    assert made(listed[::-1], percent, seed) == record


def changed(record: dict[str, Any], *path: Any, value: Any) -> dict[str, Any]:
    forged = copy.deepcopy(record)
    at = forged
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return forged


def test_whatever_is_changed_in_a_record_is_found() -> None:
    record = made([str(n) for n in range(20)], 30, "seed")
    number = record["strata"][0]["drawn"][0]
    listed = record["strata"][0]["listed"]
    forgeries = {
        "算法不同": (("algorithm",), "other"),
        "名单摘要不符:other": (("strata", 0, "listed"), listed[:-1]),
        "检查人员名单摘要不符": (("inspectors", "listed"), ["1", "2"]),
        "抽中的项目不符:other": (("strata", 0, "drawn"), sorted(listed)[:6]),
        f"检查人员不符:{number}": (("teams", number), record["teams"][number][::-1]),
    }
    for fault, (path, value) in forgeries.items():
        assert fault in draw_faults(changed(record, *path, value=value))
    assert draw_faults(changed(record, "seed", value="other")) != []
    with pytest.raises(ValueError, match="这不是一份抽取记录"):
        draw_faults({"seed": 1})


def test_nobody_is_drawn_where_there_is_a_conflict_and_too_few_is_a_refusal() -> None:
    listed = [str(n) for n in range(30)]
    record = made(listed, 100, "seed", conflicts={number: ["2"] for number in listed})
    assert {tuple(sorted(team)) for team in record["teams"].values()} == {("1", "3")}
    with pytest.raises(TooFewInspectors, match="7"):
        made(listed, 100, "seed", conflicts={"7": ["2", "3"]})


@pytest.mark.django_db
def test_only_the_chief_draws_and_not_where_too_few_are_without_an_interest(section: Section) -> None:
    (case,) = section.filed(replace(FILED[3], punished=True))
    with pytest.raises(NotPermitted):
        draw_hold(scope=section.scope("yan"), now=section.now)
    for person in ("yan", "ping"):
        conflict_declare(
            scope=section.scope(person), project=case.facts["project"], person=section.person[person], reason="配偶任职", now=section.now
        )  # fmt: skip
    with pytest.raises(NotPermitted):
        conflict_declare(
            scope=section.scope("ping"), project=case.facts["project"], person=section.person["luo"], reason="同学", now=section.now
        )  # fmt: skip
    with pytest.raises(Refusal, match=f"{case.number} 除去要回避的,检查人员不够"):
        draw_hold(scope=section.scope("du"), now=section.now)
    section.see()
    case.refresh_from_db()
    assert (case.state, Draw.objects.count(), Conflict.objects.count()) == ("filed", 0, 2)


@pytest.mark.django_db
def test_a_filing_drawn_is_checked_rectified_and_checked_again(section: Section) -> None:
    cases = section.filed()
    row = draw_hold(scope=section.scope("du"), now=section.now, seed="2026-03-02")
    section.see()
    groups = {group["code"]: (len(group["listed"]), len(group["drawn"])) for group in row.record["strata"]}
    assert groups == {"punished": (1, 1), "crowded": (2, 1), "other": (2, 1)}
    states = {case.number: Case.objects.get(pk=case.pk).state for case in cases}
    assert {n for n, state in states.items() if state == "checking"} == set(row.record["teams"])
    assert sorted(states.values()) == ["checking"] * 3 + ["unselected"] * 2
    with pytest.raises(Refusal, match="没有待抽取的备案"):
        draw_hold(scope=section.scope("du"), now=section.now)
    section.see()
    assert Draw.objects.count() == 1
    one = Drawn.objects.select_related("case").first()
    assert one is not None
    username = {id_: name for name, id_ in section.person.items()}
    inspector = username[one.inspectors[0]]
    (outside,) = {"yan", "ping", "luo"} - {username[id_] for id_ in one.inspectors}
    with pytest.raises(NotPermitted, match="由抽取的检查人员检查"):
        section.take(one.case, outside, "check_pass", opinion="检查合格。")
    section.see()
    one.case.refresh_from_db()
    assert one.case.state == "checking"
    assert section.take(one.case, inspector, "check_fail", opinion="疏散门锁闭,第36条。") == "rectifying"
    assert section.take(one.case, "jin", "ask_recheck") == "rechecking"
    assert section.take(one.case, inspector, "recheck_pass", opinion="已整改,合格。") == "passed"


@pytest.mark.django_db
def test_the_draw_is_drawn_again_from_the_ledger_and_from_its_file(
    section: Section, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    section.filed()
    row = draw_hold(scope=section.scope("du"), now=section.now, seed="s")
    section.see()
    assert draw_verify(row) == []
    client = section.as_("du")
    page = client.get(f"/fire/draws/{row.pk}").content.decode()
    assert "结果相同" in page and row.record["strata"][0]["digest"] in page
    path = tmp_path / "draw.json"
    path.write_bytes(client.get(f"/fire/draws/{row.pk}.json").content)
    call_command("fire", "draw", "--verify", str(path))
    call_command("fire", "draw", "--verify", str(row.pk))
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["faults"] for one in told] == [[], []]
    assert told[0]["teams"] == row.record["teams"]
    with kernel_writes():
        Draw.objects.filter(pk=row.pk).update(record={**row.record, "seed": "forged"})
    with pytest.raises(SystemExit):
        call_command("fire", "draw", "--verify", str(row.pk))
    assert json.loads(capsys.readouterr().out)["faults"] == ["保存的记录与账本不同"]


@pytest.mark.django_db
def test_the_chief_draws_on_the_screen_and_nobody_else(section: Section) -> None:
    section.filed()
    assert section.as_("yan").post("/fire/draws").status_code == 403
    section.see()
    assert Draw.objects.count() == 0
    answer = section.as_("du").post("/fire/draws")
    section.see()
    assert answer.status_code == 302
    assert Project.objects.count() == 5
    assert section.as_("du").post("/fire/draws").status_code == 422
