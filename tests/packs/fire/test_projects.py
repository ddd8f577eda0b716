"""The register: projects judged as they are entered, applications in the order of the law."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.cases.models import Case
from bihuan.kernel.clocks.models import Clock
from bihuan.lib import paging
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.fire import holding
from bihuan.packs.fire.applying.services import Asked, application_open, applications_by_the_clock
from bihuan.packs.fire.demonstration import FILED, OWNER, RULING, have_all
from bihuan.packs.fire.materials import HAVE
from bihuan.packs.fire.models import Project, ProjectCase, Ruling, SingleWork
from bihuan.packs.fire.projects import views
from bihuan.packs.fire.projects.selectors import applications_of, kinds_open
from bihuan.packs.fire.projects.services import project_enter
from bihuan.packs.fire.rulings.services import ruling_enter, rulings_like
from tests.packs.fire.conftest import PASSING, SPECIAL, Section
from tests.stories.cast import text_of

pytestmark = pytest.mark.django_db


def refused(section: Section, project: Project, kind: str) -> str:
    before = ProjectCase.objects.count(), Case.objects.count()
    with pytest.raises(Refusal) as refusal:
        section.apply(project, kind)
    section.see()
    assert (ProjectCase.objects.count(), Case.objects.count()) == before
    return refusal.value.code


def offered(section: Section, project: Project) -> list[str]:
    return kinds_open(project, applications_of(project, now=section.now))


def test_a_project_is_judged_when_it_is_entered_and_entered_once(section: Section) -> None:
    row = section.enter(replace(SPECIAL, works=()))
    assert (row.special, row.row) == (True, 9)
    office = section.enter(FILED[0])
    assert (office.special, office.row) == (False, None)
    again = project_enter(scope=section.scope("jin"), declared=FILED[1], key=office.key, now=section.now)
    assert again.pk == office.pk
    with pytest.raises(FieldError) as wrong:
        section.enter(replace(SPECIAL, use="火锅城"))
    assert wrong.value.field == "use"
    with pytest.raises(NotPermitted):
        project_enter(scope=section.scope("wang"), declared=SPECIAL, key="x", now=section.now)
    assert Project.objects.count() == 2


def test_a_special_project_is_reviewed_then_accepted_and_no_other_way(section: Section) -> None:
    project, office = section.enter(), section.enter(FILED[0])
    assert refused(section, project, "filing") == "way"
    assert refused(section, office, "design") == "way"
    assert refused(section, office, "acceptance") == "way"
    assert refused(section, project, "acceptance") == "no_review"
    assert offered(section, project) == ["design"]
    assert refused(section, project, "nothing") == "choice"
    section.apply(section.enter(replace(SPECIAL, legacy=True)), "acceptance")
    section.reviewed(project)
    assert refused(section, project, "design") == "in_hand"
    assert offered(section, project) == ["acceptance"]
    case = section.accepted(project)
    assert offered(section, project) == []
    assert refused(section, project, "acceptance") == "in_hand"
    section.take(case, "yan", "evaluate_pass", **PASSING)
    assert section.take(case, "du", "sign_pass") == "passed"
    assert case.closed_at == section.now


def test_the_same_key_opens_one_application(section: Section) -> None:
    project = section.enter()
    given: dict[str, Any] = {
        "scope": section.scope("jin"),
        "project": project.pk,
        "asked": Asked("design"),
        "key": "k",
        "now": section.now,
    }
    assert application_open(**given) == application_open(**given)
    section.see()
    assert ProjectCase.objects.count() == 1


def test_promised_and_prescribed_limits_stand_side_by_side(section: Section) -> None:
    project = section.enter()
    section.reviewed(project)
    case = section.accepted(project)
    due = dict(Clock.objects.filter(case=case, kind="handle").values_list("basis", "due_at"))
    assert {basis: at.astimezone(section.now.tzinfo).date().isoformat() for basis, at in due.items()} == {
        "promised": "2026-03-11", "statutory": "2026-03-23",
    }  # fmt: skip
    told = {one.kind: one.fifteenth for one in applications_of(project, now=section.now)}
    assert told == {"acceptance": date(2026, 3, 17), "design": None}
    assert (
        "按自然日的第十五日:2026-03-17"
        in section.as_("du").get(f"/fire/projects/{project.pk}").content.decode()
    )
    rules = Clock.objects.filter(basis__in=("statutory", "term"), kind__in=("handle", "fifteenth"))
    codes = rules.order_by("case", "kind").values_list("case__workflow", "kind", "rule__code")
    assert list(codes) == [
        ("design/1", "handle", "fire.review_statutory"),
        ("acceptance/1", "fifteenth", "fire.acceptance_natural"),
        ("acceptance/1", "handle", "fire.acceptance_statutory"),
    ]


def test_a_ruling_is_found_again_by_a_like_project(section: Section) -> None:
    first = section.enter()
    with pytest.raises(NotPermitted):
        ruling_enter(scope=section.scope("yan"), ruled=RULING, now=section.now)
    assert Ruling.objects.count() == 0
    row = ruling_enter(scope=section.scope("xue"), ruled=RULING, now=section.now)
    assert rulings_like(first) == []
    like = section.enter(replace(SPECIAL, name="己内酰胺罐区扩建项目"))
    assert rulings_like(like) == [row]
    page = section.as_("xue").get(f"/fire/projects/{like.pk}").content.decode()
    assert RULING.title in page and "GB 50160" in page


def test_what_is_missing_is_told_once_and_then_accepted_or_deemed_so(section: Section) -> None:
    case = section.apply(section.enter(), "design")
    complete, lacking = (
        have_all("design", planning_permit=HAVE),
        have_all("design", design_documents="missing"),
    )
    for step, data in (("accept", lacking), ("notify_once", complete)):
        with pytest.raises(Refusal):
            section.take(case, "jin", step, **data)
    section.see()
    case.refresh_from_db()
    assert case.state == "received"
    assert section.take(case, "jin", "notify_once", **lacking) == "correcting"
    assert case.facts["missing"] == ["消防设计文件"]
    assert section.take(case, "jin", "corrected") == "received"
    with pytest.raises(Refusal):
        section.take(case, "jin", "notify_once", **lacking)
    with pytest.raises(Refusal):
        section.take(case, "du", "deem_accepted")
    section.later(days=8)
    assert section.take(case, "du", "deem_accepted") == "reviewing"


def test_what_nobody_asked_to_be_completed_is_accepted_by_itself_after_five_days(section: Section) -> None:
    case = section.apply(section.enter(), "design")
    told = section.apply(section.enter(), "design")
    section.take(told, "jin", "notify_once", **have_all("design", design_documents="missing"))
    assert (
        applications_by_the_clock(now=section.now + timedelta(days=7)) == 0
    )  # 2026-03-09, the fifth working day
    assert applications_by_the_clock(now=section.now + timedelta(days=8)) == 1
    assert applications_by_the_clock(now=section.now + timedelta(days=8)) == 0
    section.see()
    case.refresh_from_db()
    told.refresh_from_db()
    assert (case.state, told.state) == ("reviewing", "correcting")


def test_whoever_proposes_signs_nothing_and_a_wrong_conclusion_is_refused(section: Section) -> None:
    project = section.enter()
    section.reviewed(project)
    case = section.accepted(project)
    faults = "一层疏散门净宽 0.75 米,应不小于 0.9 米(GB 50016 第5.5.18条)。"
    for told, step, data, rule in (
        ("", "evaluate_pass", PASSING, "evaluation_is_concluded"),
        ("pass", "evaluate_fail", {**PASSING, "faults": faults}, "not_all_four_hold"),
        ("pass", "evaluate_pass", {**PASSING, "drawings_agree": "no"}, "all_four_hold"),
        ("fail", "evaluate_pass", PASSING, "all_four_hold"),
    ):
        if told:
            section.evaluated(case, told)
        section.see("yan")
        with pytest.raises(Refusal) as refusal:
            case_act(case_id=case.pk, step=step, by=section.person["yan"], now=section.now, data=data)
        assert refusal.value.code == rule
    section.see()
    case.refresh_from_db()
    assert case.state == "evaluating" and "evaluation" not in case.facts
    assert section.take(case, "yan", "evaluate_fail", **PASSING, faults=faults) == "to_fail"
    assert case.facts["reasons"] == ["现场评定安全疏散:不合格"]
    with pytest.raises(NotPermitted):
        section.take(case, "yan", "sign_fail")
    section.see()
    assert section.take(case, "du", "sign_fail") == "failed"


def test_pages_are_the_sections_and_the_owners(
    section: Section, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = section.enter(replace(SPECIAL, owner_unit=_owner(section)))
    other = section.enter(FILED[0])
    section.reviewed(project)
    for who, seen in (("du", {project.pk, other.pk}), ("lei", {project.pk})):
        client = section.as_(who)
        page = client.get("/fire/").content.decode()
        assert {pk for pk in (project.pk, other.pk) if f'/fire/projects/{pk}"' in page} == seen
        for one in (project, other):
            assert client.get(f"/fire/projects/{one.pk}").status_code == (200 if one.pk in seen else 404)
    chief = section.as_("du")
    for few in (500, 0):  # named by the index of pairs, or found without
        monkeypatch.setattr(holding, "FEW", few)
        for text, held in (
            (project.name[1:4], True),
            (project.owner.lower(), True),
            ("没有的名字", False),
            (project.name[0], True),
        ):
            assert (f'/fire/projects/{project.pk}"' in chief.get("/fire/", {"q": text}).text) is held, text
    monkeypatch.setattr(paging, "COUNTED", 1)
    assert "<b>1+</b>" in chief.get("/fire/").text
    monkeypatch.setattr(views, "PAGE", 1)
    first, last = (chief.get(f"/fire/?page={n}").text for n in (1, 2))
    assert (f'projects/{other.pk}"' in first, "?page=2" in first) == (True, True)
    assert (f'projects/{project.pk}"' in last, "?page=1" in last, "?page=3" in last) == (True, True, False)
    with monkeypatch.context() as few:
        few.setattr(paging.Latest, "most", 1)
        cut = chief.get("/fire/").text
    assert ("翻到这里为止" in cut, "?page=2" in cut, "翻到这里为止" in first) == (True, False, False)
    assert (
        chief.get("/fire/?page=3000").text.count(f'projects/{project.pk}"') == 1
    )  # past the end: the last page
    for address in ("/fire/", f"/fire/projects/{project.pk}", "/fire/draws", "/fire/rulings", "/fire/new"):
        assert section.as_("wang").get(address).status_code == 403, address
        with django_assert_max_num_queries(30):
            assert chief.get(address).status_code == 200, address


def _owner(section: Section) -> int:
    return section.scope("lei").held[0].unit


def test_a_project_is_entered_by_the_form_and_applied_for_from_its_page(section: Section) -> None:
    client = section.as_("jin")
    typed = {
        "name": "滨河商场", "owner": "滨河商业", "place": "滨河路1号", "use": "商场", "area_m2": "10,000.5", "height_m": "23",
        "works": "主楼,9000,23,5\n地下车库,1000.5,,1", "key": "form-1",
    }  # fmt: skip
    assert '<option value="医院病房楼"></option>' in client.get("/fire/new").text  # words that the rules know
    wrong = client.post("/fire/new", {**typed, "use": "火锅城", "works": "主楼,x"})
    assert wrong.status_code == 422 and "不是数字" in wrong.content.decode()
    section.see()
    assert Project.objects.count() == 0
    nobody = client.post("/fire/new", {**typed, "owner_unit": "371502_market"})
    assert nobody.status_code == 422 and "这个单位没有人能在本系统办理" in nobody.content.decode()
    section.see()
    assert Project.objects.count() == 0
    made = client.post("/fire/new", {**typed, "owner_unit": OWNER})
    section.see()
    row = Project.objects.get()
    assert row.owner_unit_id == _owner(section)
    assert "滨河商场" in text_of(
        section.as_("lei").get("/fire/owner")
    )  # whoever came to the window sees it at home
    section.see()
    assert made.status_code == 302 and made["Location"] == f"/fire/projects/{row.pk}"
    assert (row.special, row.row) == (True, 3)
    assert list(SingleWork.objects.values_list("name", "storeys").order_by("pk")) == [
        ("主楼", 5),
        ("地下车库", 1),
    ]
    refused_page = client.post(f"/fire/projects/{row.pk}/apply", {"kind": "filing", "key": "k1"})
    assert refused_page.status_code == 422 and "办备案" in refused_page.content.decode()
    opened = client.post(f"/fire/projects/{row.pk}/apply", {"kind": "design", "key": "k2"})
    section.see()
    case = Case.objects.get(pack="fire")
    assert opened["Location"] == f"/cases/{case.number}"
    assert client.get(f"/cases/{case.number}").status_code == 200
