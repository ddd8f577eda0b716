"""What blocks a project, visits and questions, methods for others, and draws that anybody may look at."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.templatetags.desk import moment
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.meetings.agenda import agenda_drawn
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.packs.fire.blockages.selectors import stages_summed
from bihuan.packs.fire.blockages.services import blockage_record
from bihuan.packs.fire.demonstration import FILED
from bihuan.packs.fire.draws.draw import draw_faults
from bihuan.packs.fire.draws.services import draw_hold
from bihuan.packs.fire.methods.services import method_publish, method_withdraw
from bihuan.packs.fire.models import Blockage, Method, Project, Question, Visit
from bihuan.packs.fire.visits.selectors import questions_like, questions_open
from bihuan.packs.fire.visits.services import question_answer, question_ask, visit_make, visit_plan
from tests.api.client import contents, rows
from tests.packs.fire.conftest import SPECIAL, Section
from tests.stories.cast import text_of

DAY = date(2026, 3, 10)


def refused(section: Section, code: str, act: Any) -> None:
    section.see()
    before = rows(), contents()
    with pytest.raises(Refusal) as refusal:
        act()
    assert refusal.value.code == code
    section.see()
    assert (rows(), contents()) == before


def blocked(section: Section, project: Project, **changed: Any) -> Blockage:
    given = {
        "stage": "permit",
        "words": "规划许可的复印件要两个科室盖章",
        "unit": section.scope("wang").held[0].unit,
        "due": DAY,
        "key": "b",
    }
    return blockage_record(
        scope=section.scope("jin"), project=project.pk, now=section.now, **{**given, **changed}
    )


def test_a_blockage_has_an_owner_and_a_day_and_comes_to_the_meeting_when_it_is_late(section: Section) -> None:
    project = section.enter()
    refused(section, "choice", lambda: blocked(section, project, stage="nowhere"))
    row = blocked(section, project)
    assert blocked(section, project).pk == row.pk
    section.see()
    case = Case.objects.get(pk=row.case_id)
    assert (case.state, case.unit_id, case.due_at.date()) == (
        "clearing",
        section.scope("wang").held[0].unit,
        DAY,
    )  # type: ignore[union-attr]
    with kernel_writes():
        assert case.number not in {point.figures.get("number") for point in agenda_drawn(now=section.now)}
        late = {
            point.figures.get("number"): point.figures.get("days")
            for point in agenda_drawn(now=section.now + timedelta(days=12))
        }
    assert late[case.number] == 3
    sums = {
        one.code: (one.recorded, one.open, one.late, one.confirmed, one.redone)
        for one in stages_summed(section.now + timedelta(days=12))
    }
    assert sums == {
        "review": (0, 0, 0, 0, 0),
        "permit": (1, 1, 1, 0, 0),
        "construction": (0, 0, 0, 0, 0),
        "acceptance": (0, 0, 0, 0, 0),
    }
    assert section.take(case, "wang", "clear", measures="改为一个科室盖章。") == "cleared"
    assert (
        section.take(case, "du", "clear_again", reason="另一科室仍要盖章。", due="2026-03-20") == "clearing"
    )
    assert (case.unit_id, case.redo_count) == (section.scope("wang").held[0].unit, 1)
    section.take(case, "wang", "clear", measures="两个科室都已取消。")
    assert section.take(case, "du", "confirm") == "confirmed"
    sums = {one.code: (one.open, one.confirmed, one.redone) for one in stages_summed(section.now)}
    assert sums["permit"] == (0, 1, 1)
    page = section.as_("jin").get("/fire/blockages?stage=permit").content.decode()
    assert case.number in page and "登记 1,逾期 0,已疏通 1" in page
    assert case.number in section.as_("jin").get(f"/fire/projects/{project.pk}").content.decode()


def test_the_form_of_a_blockage_gives_it_to_a_unit_by_its_name(section: Section) -> None:
    project = section.enter()
    address = f"/fire/projects/{project.pk}/blockages/new"
    typed = {
        "stage": "review",
        "words": "图纸要跑两趟",
        "unit": "没有这个单位",
        "due": "2099-01-01",
        "key": "k",
    }
    answer = section.as_("jin").post(address, typed)
    assert (
        answer.status_code == 422
        and "没有这个单位" in answer.content.decode()
        and "图纸要跑两趟" in answer.content.decode()
    )
    assert section.as_("jin").post(address, {**typed, "unit": "371502_market"}).status_code == 302
    section.see()
    assert Blockage.objects.get().case.state == "clearing"
    assert section.as_("lei").get("/fire/blockages").status_code == 403


def test_questions_stay_with_the_project_and_are_found_again_on_like_ones(section: Section) -> None:
    project, now = section.enter(replace(SPECIAL, owner_unit=section.scope("lei").held[0].unit)), section.now
    xue = section.person["xue"]

    def ask(by: str = "lei", **changed: Any) -> Question:
        given = {
            "text": "罐区的消防水炮按哪本标准布置?",
            "words": ["罐区", "化工"],
            "owner": xue,
            "due": DAY,
            "visit": None,
            "key": "q",
        }
        return question_ask(scope=section.scope(by), project=project.pk, now=now, **{**given, **changed})

    refused(section, "too_early", lambda: ask(due=date(2026, 3, 1)))
    refused(section, "not_of_section", lambda: ask(owner=section.person["lei"]))
    with pytest.raises(NotFound):
        ask(by="wang")
    row = ask()
    assert ask().pk == row.pk
    section.see()
    assert [one.pk for one in questions_open(owner=xue)] == [row.pk]
    assert "罐区的消防水炮" in section.as_("xue").get("/fire/visits").content.decode()
    with pytest.raises(NotFound):
        question_answer(scope=section.scope("lei"), question=row.pk, answer="不知道", now=now)
    question_answer(scope=section.scope("xue"), question=row.pk, answer="按 GB 50160 布置。", now=now)
    refused(
        section,
        "answered",
        lambda: question_answer(scope=section.scope("xue"), question=row.pk, answer="另一个", now=now),
    )
    like, other = section.enter(replace(SPECIAL, name="化工罐区")), section.enter(FILED[0])
    section.see()
    assert [one.pk for one in questions_like(like)] == [row.pk]
    assert questions_like(other) == [] and questions_like(project) == []
    assert "按 GB 50160 布置。" in section.as_("jin").get(f"/fire/projects/{like.pk}").content.decode()
    assert "按 GB 50160 布置。" in section.as_("lei").get(f"/fire/projects/{project.pk}").content.decode()
    with kernel_writes():
        assert not [
            one for one in LedgerEntry.objects.filter(stream="fire") if "水炮".encode() in bytes(one.body)
        ]


def test_a_visit_is_planned_and_made_once_by_whoever_planned_it(section: Section) -> None:
    project, now = section.enter(), section.now
    refused(section, "visit_past", lambda: visit_plan(
        scope=section.scope("yan"), project=project.pk, at=now - timedelta(minutes=1), about="看罐区", key="v", now=now))  # fmt: skip
    row = visit_plan(
        scope=section.scope("yan"),
        project=project.pk,
        at=now + timedelta(days=1),
        about="看罐区",
        key="v",
        now=now,
    )
    page = section.as_("yan").get("/fire/visits").content.decode()
    asking = f"/fire/projects/{project.pk}/questions/new?visit={row.pk}"
    assert "看罐区" in page and f'href="{asking}"' in page
    asked = {
        "text": "消防水炮几时装?", "owner": str(section.person["xue"]), "due": str(now.date() + timedelta(days=3)), "key": "v1",
    }  # fmt: skip
    assert section.as_("yan").post(asking, asked).status_code == 302
    shown = text_of(section.as_("yan").get(f"/fire/projects/{project.pk}"))
    assert f"<small>{moment(row.planned_at)} 上门时提的</small>" in shown
    section.see()
    assert Question.objects.get().visit_id == row.pk
    refused(
        section, "not_found", lambda: visit_make(scope=section.scope("ping"), visit=row.pk, note="", now=now)
    )
    assert section.as_("yan").post(f"/fire/visits/{row.pk}/made", {"note": "管线已到位"}).status_code == 302
    refused(
        section, "visit_made", lambda: visit_make(scope=section.scope("yan"), visit=row.pk, note="", now=now)
    )
    section.see()
    assert Visit.objects.get().note == "管线已到位"


def test_a_method_is_published_with_figures_of_that_day_for_anybody(section: Section) -> None:
    given: dict[str, Any] = {
        "title": "容后分步按类",
        "situation": "工期紧的化工项目",
        "steps": ["图纸核对", "质量核实"],
        "figures": ["S0-21"],
    }
    with pytest.raises(NotPermitted):
        method_publish(scope=section.scope("jin"), key="m", now=section.now, **given)
    refused(
        section,
        "method_steps",
        lambda: method_publish(scope=section.scope("du"), key="m", now=section.now, **{**given, "steps": []}),
    )
    refused(
        section,
        "choice",
        lambda: method_publish(
            scope=section.scope("du"), key="m", now=section.now, **{**given, "figures": ["X"]}
        ),
    )
    section.enter()
    with override("en"):
        row = method_publish(scope=section.scope("du"), key="m", now=section.now, **given)
    assert row.figures == {"S0-21": "项目 1 个、单体 0 个;其中会同园区办的历史遗留 0 个、0 个"}
    section.enter(FILED[0])
    page = Client().get(f"/public/methods/{row.pk}").content.decode()
    assert "项目 1 个" in page and "项目 2 个" in page and "杜宏" not in page
    assert "容后分步按类" in Client().get("/public/methods").content.decode()
    with pytest.raises(NotFound):  # another zone's supervisor
        method_withdraw(scope=section.scope("gao"), method=row.pk, now=section.now)
    assert Client().get(f"/public/methods/{row.pk}").status_code == 200
    method_withdraw(scope=section.scope("du"), method=row.pk, now=section.now)
    assert Client().get(f"/public/methods/{row.pk}").status_code == 404
    section.see()
    assert Method.objects.count() == 1


def test_anybody_reads_a_draw_draws_it_again_and_learns_no_name(section: Section) -> None:
    section.filed()
    draw = draw_hold(scope=section.scope("du"), now=section.now, seed="0" * 64)
    section.see()
    chosen = sorted(draw.record["teams"])
    case = Case.objects.get(number=chosen[0])
    team = {section.person[name]: name for name in ("yan", "ping", "luo")}
    section.take(
        case,
        team[int(draw.record["teams"][chosen[0]][0])],
        "check_fail",
        opinion="王某某办公室的安全出口上锁。",
    )
    client = Client()
    page = client.get(f"/public/draws/{draw.pk}").content.decode()
    assert all(number in page for number in chosen) and "0" * 64 in page
    assert "不合格,停止使用,整改中" in page and "已按账本重新抽取,结果相同" in page
    assert f"第 {draw.pk} 次抽取" in client.get("/public/draws").content.decode()
    told = client.get(f"/public/draws/{draw.pk}.json").content.decode()
    for private in ("严松", "平立新", "罗建成", "杜宏", "王某某", "安全出口"):
        assert private not in page and private not in told
    assert draw_faults(json.loads(told)) == []
    assert (
        client.get("/public/draws/999999").status_code
        == client.get("/public/draws/999999.json").status_code
        == 404
    )
