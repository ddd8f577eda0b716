"""The draw: anybody can draw it again, no ratio is missed, nobody inspects where he has an interest."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger.proving import entry_proof
from bihuan.kernel.ledger.sealing import seal_take
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.review.sampling import list_digest
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.packs.fire.demonstration import FILED
from bihuan.packs.fire.draws.draw import Stratum, TooFewInspectors, draw_faults, draw_make, team_of
from bihuan.packs.fire.draws.published import file_parted, first_key, record_digest
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


@pytest.mark.parametrize(
    "forged", ['"rule": 1.5', '"rule": NaN', '"rule": "\\ud800"', f'"rule": {"[" * 10**5}{"]" * 10**5}']
)
def test_what_no_record_could_hold_is_none(tmp_path: Path, forged: str) -> None:
    path = tmp_path / "draw.json"
    path.write_text(json.dumps(made(["1", "2"], 50, "seed")).replace('"rule": "r#1"', forged))
    with pytest.raises(CommandError, match="这不是一份抽取记录"):
        call_command("fire", "draw", "--verify", str(path), "--alone")


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


def verified(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, dict[str, Any]]:
    """The exit status and the answer of the command."""
    status = 0
    try:
        call_command("fire", "draw", "--verify", str(path), *more)
    except SystemExit as ended:
        status = int(str(ended.code))
    return status, json.loads(capsys.readouterr().out)


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
    path.write_bytes(client.get(f"/public/draws/{row.pk}.json").content)
    key = first_key(json.loads(path.read_text())["published"])
    public = client.get(f"/public/draws/{row.pk}").content.decode()
    assert key in public and record_digest(row.record) in public
    status, told = verified(path, capsys)
    assert (status, told["faults"], told["teams"]) == (0, [], row.record["teams"])
    assert told["checked"] == ["按名单、比例和种子重新抽取", "签名和签名时的记录", "与账本对照"]
    assert told["not_checked"] == [
        f"签名是谁的:首把密钥的指纹是 {key},请与公布的核对(--key)", "账本里这一条还没有封印",
    ]  # fmt: skip
    seal_take(now=section.now)
    status, told = verified(path, capsys, "--key", key)
    assert (status, told["not_checked"]) == (0, [])
    assert told["checked"][3].startswith("账本里这一条已封印,是第 ")
    status, told = verified(path, capsys, "--alone", "--key", key)
    unsealed = "有没有封印:这份记录是封印前下载的,请再下载一次"
    assert (status, told["not_checked"]) == (0, ["没有与账本对照", unsealed])
    assert verified(path, capsys, "--key", "f" * 32)[1]["faults"] == [f"首把密钥不是您给的那一把:{key}"]
    assert verified(Path(str(row.pk)), capsys)[0] == 0
    with kernel_writes():
        Draw.objects.filter(pk=row.pk).update(record={**row.record, "seed": "forged"})
    status, told = verified(Path(str(row.pk)), capsys)
    assert (status, told["faults"]) == (1, ["保存的记录与账本不同"])


@pytest.mark.django_db
def test_anybody_checks_without_the_register_that_the_draws_entry_is_in_a_signed_seal(
    section: Section, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seal_take(now=section.now)
    waiting = section.filed()
    row = draw_hold(scope=section.scope("du"), now=section.now, seed="s")
    conflict_declare(
        scope=section.scope("yan"), project=waiting[0].facts["project"], person=section.person["yan"], reason="配偶任职", now=section.now
    )  # fmt: skip
    seal_take(now=section.now)
    section.see()
    file = json.loads(section.as_("du").get(f"/public/draws/{row.pk}.json").content)
    part, proof = file["published"], file["published"]["proof"]
    path, key = tmp_path / "draw.json", first_key(part)
    place = (
        json.loads(proof["seal"]["body"])["last"]
        - json.loads(proof["seal"]["body"])["size"]
        + proof["index"]
        + 1
    )
    path.write_text(json.dumps(file), encoding="utf-8")
    status, told = verified(path, capsys, "--alone", "--key", key)
    assert (status, told["faults"], told["not_checked"]) == (0, [], ["没有与账本对照"])
    assert told["checked"][2:] == [f"文件自带的证明:这一条在账本的第 2 号封印里,是第 {place} 条"]
    seq = json.loads(part["body"])["seq"]
    broken, other, unread = (
        "封印不符:签名不对,或这一条不在封印里",
        "封印证明的不是签名的那一条",
        "封印的证明读不出来",
    )
    body, entry = proof["seal"]["body"], proof["entry"]
    root = json.loads(body)["root"]
    forgeries: list[tuple[dict[str, Any], list[str]]] = [
        ({"index": proof["index"] + 1}, [broken]),
        ({"path": proof["path"][:-1]}, [broken]),
        ({"path": ["0" * 64, *proof["path"][1:]]}, [broken]),
        ({"seal": {**proof["seal"], "body": body.replace(root, "0" * 64)}}, [broken]),
        ({"seal": {**proof["seal"], "signature": "0" * 128}}, [broken]),
        ({"previous": "0" * 64}, [other, broken]),
        ({"entry": entry.replace('"by":', '"by":1')}, [other, broken]),
        ({"entry": entry.replace('"seed":"s"', '"seed":"t"')}, [other, "封印证明的不是这份记录", broken]),
        (dict(entry_proof(stream="fire", seq=seq + 1) or {}), [other, "封印证明的不是这份记录"]),
        ({"index": "1"}, [unread]),
        ({"seal": []}, [unread]),
        ({"entry": "[]"}, [unread]),
    ]
    for changed_, faults in forgeries:
        forged = {**file, "published": {**part, "proof": {**proof, **changed_}}}
        path.write_text(json.dumps(forged), encoding="utf-8")
        status, told = verified(path, capsys, "--alone")
        assert (status, told["faults"]) == (1, faults), changed_
        assert told["checked"] == ["按名单、比例和种子重新抽取", "签名和签名时的记录"]


@pytest.mark.django_db
def test_a_record_forged_so_that_it_draws_the_same_is_found_by_signature_and_register(
    section: Section, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    section.filed()
    row = draw_hold(scope=section.scope("du"), now=section.now, seed="s")
    section.see()
    file = json.loads(section.as_("du").get(f"/public/draws/{row.pk}.json").content)
    record, part = file_parted(file)
    path = tmp_path / "draw.json"
    for forged in consistent_forgeries(record):
        assert draw_faults(forged) == []
        path.write_text(json.dumps({**forged, "published": part}), encoding="utf-8")
        assert verified(path, capsys, "--alone")[1]["faults"] == ["记录不是签名时的记录"]
        assert verified(path, capsys)[1]["faults"] == ["记录不是签名时的记录", "与账本里的记录不同"]
        path.write_text(json.dumps(forged), encoding="utf-8")
        status, told = verified(path, capsys, "--alone")
        assert (status, told["faults"]) == (1, ["没有签名,又没有账本,不能证明是公布的记录"])
        status, told = verified(path, capsys)
        assert (status, told["faults"]) == (1, ["与账本里的记录不同"])
    path.write_text(json.dumps(record), encoding="utf-8")
    assert verified(path, capsys)[0] == 0
    other = {**part, "body": part["body"].replace(row.signed["body"][:20], "{}")}
    path.write_text(json.dumps({**record, "published": other}), encoding="utf-8")
    assert verified(path, capsys, "--alone")[1]["faults"] == ["签名读不出来"]
    assert Draw.objects.get().record == record


def consistent_forgeries(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A stratum dropped, another percentage that draws as many, a conflict added, a rule replaced, nothing on any list."""
    people = record["inspectors"]
    kept = [group for group in record["strata"] if group["code"] != "other"]
    numbers = {number for group in kept for number in group["drawn"]}
    dropped = {number: team for number, team in record["teams"].items() if number in numbers}
    yield {**record, "strata": kept, "teams": dropped}
    for name, value in (("percent", 50), ("rule", "fire.draw_other#0")):
        yield changed(record, "strata", 2, name, value=value)
    number, team = next(iter(record["teams"].items()))
    again = team_of(number, people["listed"], [team[0]], each=2, seed=record["seed"])
    yield {**record, "conflicts": {number: [team[0]]}, "teams": {**record["teams"], number: again}}
    empty = [{**group, "listed": [], "drawn": [], "digest": list_digest([])} for group in record["strata"]]
    yield {**record, "strata": empty, "teams": {}, "conflicts": {}}


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
