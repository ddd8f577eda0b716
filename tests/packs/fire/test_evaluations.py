"""An on-site evaluation: two devices lose nothing, signatures hold for what was signed, and the loops rest on the conclusion."""

from __future__ import annotations

import re

import pytest

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.attachments.services import attachment_add
from bihuan.kernel.ledger.selectors import register_entries
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.fire.draws.services import draw_hold
from bihuan.packs.fire.evaluations.forgetting import evaluations_forget
from bihuan.packs.fire.evaluations.services import conflict_settle, evaluation_begin, kind_change, sheet_write
from bihuan.packs.fire.evaluations.signing import photo_add
from bihuan.packs.fire.findings.selectors import left_to_rectify
from bihuan.packs.fire.findings.services import Found, finding_record
from bihuan.packs.fire.models import Drawn, Evaluation, Finding, Sheet, Signature, Site
from bihuan.packs.fire.sites.hazards import HazardFound, hazard_open
from tests.packs.fire.conftest import PASSING, Section, photograph
from tests.packs.fire.evaluating import OnSite, conclude, good_sheet, on_site, refusal_of  # noqa: F401

pytestmark = pytest.mark.django_db
NARROW = good_sheet("evacuation") | {"exits.1.measured": "1.1", "exits.1.where": "首层东门"}


def test_an_evaluation_is_begun_once_by_an_inspector_of_the_section(
    section: Section, on_site: OnSite
) -> None:
    found = on_site.found
    assert (found.kind, found.least, found.again, found.grade_c, found.percent) == ("hazard", 2, 4, 1, 5)
    again = evaluation_begin(scope=section.scope("ping"), case=on_site.case.pk, now=section.now)
    assert again.pk == found.pk
    for who, refused in (("xue", NotPermitted), ("lei", NotFound), ("wang", NotFound)):
        with pytest.raises(refused):
            evaluation_begin(scope=section.scope(who), case=on_site.case.pk, now=section.now)
    other = section.apply(section.enter(), "design")
    assert refusal_of(lambda: evaluation_begin(scope=section.scope("yan"), case=other.pk, now=section.now)) == "not_now"  # fmt: skip
    section.see()
    assert Evaluation.objects.count() == 1


def test_two_devices_that_changed_one_item_are_both_kept_and_somebody_chooses(
    section: Section, on_site: OnSite
) -> None:
    first = on_site.write("alarm", good_sheet("alarm"))
    wrong = good_sheet("alarm") | {"panel.1.result": "fail"}
    mine = on_site.write("alarm", good_sheet("alarm") | {"remark": "联动三次"}, base=first.pk)
    theirs = on_site.write("alarm", wrong, "ping", base=first.pk)
    assert [one.pk for one in on_site.standing().heads["alarm"]] == [mine.pk, theirs.pk]
    assert on_site.standing().conflicts == ["alarm"]
    assert on_site.standing().judged["alarm"].result == ""
    page = section.as_("yan").get(f"/fire/evaluations/{on_site.case.number}").content.decode()
    assert "联动三次" in page and "用严松的这一版" in page and "用平立新的这一版" in page
    conflict_settle(scope=section.scope("ping"), case=on_site.case.pk, sheet=theirs.pk, now=section.now)
    section.see()
    assert [one.pk for one in on_site.standing().heads["alarm"]] == [theirs.pk]
    assert on_site.standing().judged["alarm"].result == "fail"
    assert set(Sheet.objects.values_list("pk", flat=True)) == {first.pk, mine.pk, theirs.pk}
    told = {e.kind: dict(e.data) for e in register_entries(stream="fire", match={"evaluation": on_site.found.pk}, kinds=("evaluation_written", "evaluation_settled"), most=9)}  # fmt: skip
    assert told["evaluation_settled"]["against"] == [mine.pk]
    with pytest.raises(NotFound):
        conflict_settle(scope=section.scope("yan"), case=on_site.case.pk, sheet=mine.pk, now=section.now)
    late = on_site.write(
        "alarm", good_sheet("alarm"), "luo", base=first.pk
    )  # hours later, from what it had seen
    assert {one.pk for one in on_site.standing().heads["alarm"]} == {theirs.pk, late.pk}


def test_one_device_follows_itself_and_the_same_words_are_no_conflict(
    section: Section, on_site: OnSite
) -> None:
    one = on_site.write("smoke", {"none": "on"})
    two = on_site.write("smoke", good_sheet("smoke"))  # the page still rests on nothing
    assert [sheet.pk for sheet in on_site.standing().heads["smoke"]] == [two.pk]
    assert two.base_id == one.pk
    same = on_site.write("smoke", good_sheet("smoke"), "ping")
    assert same.pk == two.pk
    other = on_site.write("smoke", {"none": "on"}, device="tablet")  # the same person's other device
    assert on_site.standing().conflicts == ["smoke"]
    assert other.base_id is None
    assert Sheet.objects.filter(item="smoke").count() == 3


def test_the_same_sending_is_one_version_and_what_is_wrong_changes_nothing(
    section: Section, on_site: OnSite
) -> None:
    sent = on_site.sent("yan")
    one = sheet_write(case=on_site.case.pk, item="alarm", typed={"none": "on"}, base=0, sent=sent)
    again = sheet_write(case=on_site.case.pk, item="alarm", typed={"none": "on"}, base=0, sent=sent)
    assert one.pk == again.pk
    with pytest.raises(FieldError):
        on_site.write("evacuation", {"exits.places": "many"})
    assert refusal_of(lambda: on_site.write("roof", {})) == "choice"
    with pytest.raises(NotPermitted):
        on_site.write("alarm", good_sheet("alarm"), "du")
    section.see()
    assert Sheet.objects.count() == 1


def test_nothing_is_concluded_before_it_is_finished_settled_and_signed(
    section: Section, on_site: OnSite
) -> None:
    with pytest.raises(Refusal, match="还没有评完"):
        conclude(on_site)
    on_site.write_all()
    with pytest.raises(Refusal, match="至少两名检查人员"):
        conclude(on_site)
    on_site.sign("yan")
    on_site.sign("雷明")
    with pytest.raises(Refusal, match="至少两名检查人员"):
        conclude(on_site)
    on_site.write("alarm", {"panel.places": "0"}, "luo")
    with pytest.raises(Refusal, match="两个版本还没有选定:火灾自动报警系统"):
        conclude(on_site)
    with pytest.raises(Refusal, match="还没有出结论"):
        section.take(on_site.case, "yan", "evaluate_pass", **PASSING)
    on_site.case.refresh_from_db()
    assert (on_site.case.state, "site" in on_site.case.facts) == ("evaluating", False)


def test_a_failed_item_is_rectified_evaluated_again_and_then_accepted(
    section: Section, on_site: OnSite
) -> None:
    on_site.write_all(evacuation=NARROW)
    on_site.sign_all()
    assert conclude(on_site) == "fail"
    finding = Finding.objects.select_related("case").get()
    assert (finding.item, finding.source, finding.application_id) == (
        "evacuation",
        "evaluation",
        on_site.case.pk,
    )
    assert on_site.case.facts["site"] | {"at": ""} == {
        "conclusion": "fail", "evaluation": on_site.found.pk, "open": 1, "at": "",
        "items": {item: judged.result for item, judged in on_site.standing().judged.items()}, "signed": 3, "photos": 0,
    }  # fmt: skip
    assert conclude(on_site) == "fail"  # once more: no second finding
    offers = section.as_("yan").get(f"/cases/{on_site.case.number}").context["page"].offers
    assert (offers.usual.code, offers.held_up) == ("evaluate_fail", None)
    section.see()
    assert Finding.objects.count() == 1
    section.later(hours=2)
    section.see("jin")
    attachment_add(
        case=finding.case_id,
        file=photograph(),
        name="after.png",
        by=section.person["jin"],
        now=section.now,
        kind="after",
    )
    section.take(finding.case, "jin", "rectify", measures="加宽到1.2米。")
    section.take(finding.case, "ping", "verify", seen="实测1.2米。")
    on_site.case.refresh_from_db()
    assert on_site.case.facts["site"]["open"] == 0
    on_site.write("evacuation", good_sheet("evacuation"), "ping", base=on_site.standing().heads["evacuation"][0].pk)  # fmt: skip
    on_site.case.refresh_from_db()
    assert on_site.case.facts["site"]["conclusion"] == "open"
    on_site.sign_all()
    assert conclude(on_site) == "pass"
    assert section.take(on_site.case, "yan", "evaluate_pass", **PASSING) == "to_pass"
    assert on_site.case.facts["evaluation"]["evacuation"] == "pass"
    with pytest.raises(Refusal, match="现在不在现场评定中"):
        on_site.write("alarm", {"none": "on"})
    section.see()
    assert section.take(on_site.case, "du", "sign_pass") == "passed"


def test_a_place_that_failed_within_a_passed_sub_item_is_rectified_and_holds_nothing_up(
    section: Section, on_site: OnSite
) -> None:
    good = good_sheet("separation")
    doors = {f"doors.{place}.result": "pass" for place in range(1, 7)}
    once = good | doors | {"doors.places": "9", "doors.2.result": "fail", "doors.2.where": "二层北侧防火门"}
    on_site.write_all(separation=once)
    on_site.sign_all()
    page = section.as_("yan").get(f"/fire/evaluations/{on_site.case.number}").content.decode()
    assert "不合格的位置:二层北侧防火门。按抽样规则这个子项合格,这一处不影响结论,但要整改。" in page
    assert conclude(on_site) == "pass"
    assert conclude(on_site) == "pass"  # once more: no second finding
    finding = Finding.objects.select_related("case").get()
    assert (finding.item, finding.source, finding.case.state) == ("separation", "place", "told")
    told = section.as_("jin").get(f"/cases/{finding.case.number}").content.decode()
    assert "不合格的位置:二层北侧防火门" in told and "现场评定,按规则放过的个别位置" in told
    section.see()
    assert on_site.case.facts["site"]["open"] == 0
    another = once | {"doors.2.result": "pass", "doors.3.result": "fail", "doors.3.where": "三层防火门"}
    on_site.write("separation", another, base=on_site.standing().heads["separation"][0].pk)
    on_site.sign_all()
    assert conclude(on_site) == "pass"
    second = Finding.objects.select_related("case").latest("pk")  # the place that failed now is told of, too
    assert (
        "不合格的位置:三层防火门" in section.as_("jin").get(f"/cases/{second.case.number}").content.decode()
    )
    section.see()
    twice = another | {"doors.2.result": "fail"}
    on_site.write("separation", twice, base=on_site.standing().heads["separation"][0].pk)
    on_site.sign_all()
    assert (
        conclude(on_site) == "fail"
    )  # the second failure fails the item, whose finding holds the acceptance up
    sources = Finding.objects.order_by("pk").values_list("source", flat=True)
    assert list(sources) == ["place", "place", "evaluation"]
    assert on_site.case.facts["site"]["open"] == 1


def test_what_was_found_on_site_is_known_and_keeps_the_acceptance_open(
    section: Section, on_site: OnSite
) -> None:
    found = Found("罐区堤", "防火堤有缺口。", "site", item="explosion")
    finding_record(
        scope=section.scope("luo"), project=on_site.found.project_id, found=found, key="h1", now=section.now
    )
    on_site.case.refresh_from_db()
    assert on_site.case.facts["site"]["open"] == 1
    page = section.as_("yan").get(f"/fire/evaluations/{on_site.case.number}").content.decode()
    assert "罐区堤" in page and "已知问题 1" in page
    on_site.write_all()
    on_site.sign_all()
    assert conclude(on_site) == "pass"
    assert on_site.case.facts["site"]["open"] == 1
    with pytest.raises(Refusal, match="没整改好"):
        section.take(on_site.case, "yan", "evaluate_pass", **PASSING)
    shown = section.as_("yan").get(f"/cases/{on_site.case.number}")
    offers = shown.context[
        "page"
    ].offers  # what it waits for is said first, and failing it is not what is meant
    assert (offers.usual, offers.held_up.step.code) == (None, "evaluate_pass")
    assert "“验收合格,报签”之前还差:" in shown.content.decode()
    assert [offer.step.code for offer in offers.mine if offer.step.target == "to_fail"] == ["evaluate_fail"]
    section.see()
    finding = Finding.objects.select_related("case").get()
    assert section.take(finding.case, "du", "cancel", reason="已在另一件里处理。") == "cancelled"
    assert section.take(on_site.case, "yan", "evaluate_pass", **PASSING) == "to_pass"
    finding_record(
        scope=section.scope("luo"), project=on_site.found.project_id, found=found, key="h2", now=section.now
    )
    section.see()
    with pytest.raises(Refusal, match="没整改好"):  # found between the proposal and the signature
        section.take(on_site.case, "du", "sign_pass")
    on_site.case.refresh_from_db()
    assert on_site.case.state == "to_pass"
    offers = section.as_("du").get(f"/cases/{on_site.case.number}").context["page"].offers
    assert (offers.usual, offers.held_up.step.code) == (None, "sign_pass")
    section.see()


def test_another_kind_of_building_asks_for_other_items_and_voids_signatures(
    section: Section, on_site: OnSite
) -> None:
    on_site.write_all()
    on_site.sign_all()
    kind_change(scope=section.scope("yan"), case=on_site.case.pk, kind="high_civil", now=section.now)
    assert on_site.standing().signatures == []
    assert on_site.standing().judged["explosion"].result == "none"
    assert on_site.standing().conclusion == ""
    assert refusal_of(lambda: kind_change(scope=section.scope("yan"), case=on_site.case.pk, kind="ship", now=section.now)) == "choice"  # fmt: skip


def test_a_filing_drawn_is_evaluated_by_whoever_was_drawn(section: Section) -> None:
    section.filed()
    draw_hold(scope=section.scope("du"), now=section.now, seed="s")
    section.see()
    drawn = Drawn.objects.select_related("case").first()
    assert drawn is not None
    username = {id_: name for name, id_ in section.person.items()}
    (outside,) = {"yan", "ping", "luo"} - {username[id_] for id_ in drawn.inspectors}
    with pytest.raises(NotPermitted, match="由抽取的检查人员检查"):
        evaluation_begin(scope=section.scope(outside), case=drawn.case_id, now=section.now)
    one = username[drawn.inspectors[0]]
    begun = evaluation_begin(scope=section.scope(one), case=drawn.case_id, now=section.now)
    section.see()
    assert begun.case_id == drawn.case_id
    on_site = OnSite(section, drawn.case, one)
    assert refusal_of(lambda: on_site.sign(outside, by=one)) == "signer"
    section.see()
    assert (Signature.objects.count(), Attachment.objects.filter(case=drawn.case).count()) == (0, 0)
    with pytest.raises(NotPermitted, match="用自己的账号签自己的名"):
        on_site.sign(username[drawn.inspectors[1]], by=one)
    section.see()
    assert (Signature.objects.count(), Attachment.objects.filter(case=drawn.case).count()) == (0, 0)
    for who in drawn.inspectors:
        on_site.sign(username[who])
    assert on_site.standing().inspectors == 2
    with kernel_writes():  # one that had been kept all the same would not count
        Signature.objects.filter(person_id=drawn.inspectors[1]).update(person_id=section.person[outside])
    assert on_site.standing().inspectors == 1
    page = section.as_(one).get(f"/fire/evaluations/{drawn.case.number}").content.decode()
    offered = set(
        re.findall(r'<option value="(\d+)"', page.partition('id="sign-who"')[2].partition("</select>")[0])
    )
    assert offered == {str(drawn.inspectors[0])}
    with pytest.raises(Refusal, match="还没有出结论"):
        section.take(drawn.case, one, "check_pass", opinion="检查合格。")
    drawn.case.refresh_from_db()
    assert drawn.case.state == "checking"


def test_the_page_is_the_inspectors_and_asks_no_more_for_more(
    section: Section, on_site: OnSite, django_assert_max_num_queries: object
) -> None:
    address = f"/fire/evaluations/{on_site.case.number}"
    on_site.write_all()
    for n in range(6):
        section.see("yan")
        photo_add(
            case=on_site.case.pk,
            item="alarm",
            file=photograph(f"{n}.png"),
            place=None,
            sent=on_site.sent("yan"),
        )
    on_site.sign_all()
    browser = section.as_("yan")
    with django_assert_max_num_queries(27):  # type: ignore[operator]
        page = browser.get(address)
    assert page.headers["Kept-For"] == str(section.person["yan"])
    assert "出现场评定结论" in page.content.decode()
    assert "保存这一项" not in section.as_("du").get(address).content.decode()
    assert section.as_("qian").get(address).status_code == 403
    wrong = section.as_("yan").post(f"{address}/items/evacuation", {"exits.places": "many", "remark": "东侧"})
    assert wrong.status_code == 422
    assert 'value="many"' in wrong.content.decode() and "东侧" in wrong.content.decode()


def test_what_is_kept_of_people_is_erased_with_the_case(section: Section, on_site: OnSite) -> None:
    on_site.write("alarm", good_sheet("alarm") | {"remark": "雷明说已换"})
    on_site.sign("雷明")
    with kernel_writes():
        evaluations_forget([on_site.case.pk], section.now)
    section.see()
    assert Sheet.objects.get().fields == good_sheet("alarm")
    assert Signature.objects.get().name == ""


def test_a_hazard_of_the_projects_site_holds_the_acceptance_until_it_is_rectified(
    section: Section, on_site: OnSite
) -> None:
    case, project = on_site.case, on_site.found.project
    on_site.write_all()
    on_site.sign_all()
    assert conclude(on_site) == "pass"
    with kernel_writes():
        keeper = section.scope("gao").held[0].unit
        site = Site.objects.create(
            name="聚合装置", kind="housing", project=project, unit_id=keeper, contractor="新光建设", zone="高新区",
            place="1号地块", permit="许可1", permitted_on=section.now.date(), stage="building", entered_at=section.now, key="site",
        )  # fmt: skip
        for source in ("alarm", "inspection"):  # what a device tells is a matter of the building work
            found = HazardFound("北侧", "堆料占道", source=source)
            hazard = hazard_open(site, found, key=source, by=section.person["luo"], now=section.now)
    assert left_to_rectify(project.pk, case.pk) == (0, 1)
    page = section.as_("yan").get(f"/fire/evaluations/{case.number}").content.decode()
    assert "工地还有 1 个隐患没有整改好" in page
    section.see()
    case.refresh_from_db()
    before = (case.state, case.version, case.facts)
    assert before[2]["site"]["open"] == 1
    with pytest.raises(Refusal, match="工地上的隐患还有没整改好"):
        section.take(case, "yan", "evaluate_pass", **PASSING)
    section.see()
    case.refresh_from_db()
    assert (case.state, case.version, case.facts) == before
    section.see("gao")
    section.take(hazard.case, "gao", "cancel", reason="料场已经移走。")
    section.see()
    case.refresh_from_db()
    assert (left_to_rectify(project.pk, case.pk), case.facts["site"]["open"]) == ((0, 0), 0)
    assert section.take(case, "yan", "evaluate_pass", **PASSING) == "to_pass"
