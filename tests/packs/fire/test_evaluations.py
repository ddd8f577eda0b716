"""An on-site evaluation: two devices lose nothing, signatures hold for what was signed, and the loops rest on the conclusion."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.attachments.services import attachment_add
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.selectors import register_entries
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.fire.draws.services import draw_hold
from bihuan.packs.fire.evaluations.forgetting import evaluations_forget
from bihuan.packs.fire.evaluations.services import conflict_settle, evaluation_begin, kind_change, sheet_write
from bihuan.packs.fire.evaluations.signing import Place, evaluation_conclude, photo_add
from bihuan.packs.fire.findings.selectors import hazards_left
from bihuan.packs.fire.findings.services import Found, finding_record
from bihuan.packs.fire.models import Drawn, Evaluation, Finding, Photo, Sheet, Signature, Site
from bihuan.packs.fire.sites.hazards import HazardFound, hazard_open
from tests.packs.fire.conftest import PASSING, Section, photograph
from tests.packs.fire.evaluating import OnSite, good_sheet, refusal_of

pytestmark = pytest.mark.django_db
NARROW = good_sheet("evacuation") | {"exits.1.measured": "1.1", "exits.1.where": "首层东门"}


@pytest.fixture
def on_site(section: Section) -> OnSite:
    project = section.enter()
    section.reviewed(project)
    return OnSite(section, section.accepted(project))


def conclude(on_site: OnSite) -> str:
    section = on_site.section
    section.see("yan")
    try:
        return evaluation_conclude(scope=section.scope("yan"), case=on_site.case.pk, now=section.now)
    finally:
        section.see()
        on_site.case.refresh_from_db()


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


def test_any_change_voids_signatures_and_an_early_one_counts_when_its_content_arrives(
    section: Section, on_site: OnSite
) -> None:
    on_site.write_all()
    on_site.sign_all()
    standing = on_site.standing()
    assert (standing.conclusion, standing.inspectors, standing.owners) == ("pass", 2, 1)
    on_site.write("alarm", good_sheet("alarm") | {"remark": "补记"})
    assert on_site.standing().signatures == []
    assert Signature.objects.exclude(voided_at=None).count() == 3
    on_site.write("alarm", good_sheet("alarm"))  # as it was: what is void stays void
    standing = on_site.standing()
    assert standing.signatures == []
    signed = on_site.sign("ping", by="ping", digest="a" * 64)  # its items are still on their way
    assert on_site.standing().signatures == []
    signed.refresh_from_db()
    assert signed.voided_at is None
    assert refusal_of(lambda: on_site.sign("xue")) == "signer"
    with pytest.raises(FieldError):
        on_site.sign(" ")
    assert Attachment.objects.filter(case=on_site.case, kind="signature").count() == 4


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
    on_site.case.refresh_from_db()
    assert "site" not in on_site.case.facts
    with pytest.raises(Refusal, match="还没有出结论"):
        section.take(on_site.case, "yan", "evaluate_pass", **PASSING)


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
        "items": {item: judged.result for item, judged in on_site.standing().judged.items()},
    }  # fmt: skip
    assert conclude(on_site) == "fail"  # once more: no second finding
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


def test_a_photograph_keeps_when_and_where_it_was_taken_and_when_it_arrived(
    section: Section, on_site: OnSite
) -> None:
    taken = section.now - timedelta(hours=3)
    section.see("yan")
    place = Place(Decimal("36.456789"), Decimal("115.985432"), 12)
    row = photo_add(
        case=on_site.case.pk, item="alarm", file=photograph("a.png"), place=place, sent=on_site.sent("yan", taken_at=taken)
    )  # fmt: skip
    section.see()
    row = Photo.objects.select_related("attachment").get(pk=row.pk)
    assert (row.taken_at, row.arrived_at, row.latitude, row.accuracy) == (
        taken,
        section.now,
        place.latitude,
        12,
    )
    entry = LedgerEntry.objects.filter(case_id=on_site.case.pk, kind="attachment_added").get()
    assert row.attachment.blob_id in bytes(entry.body).decode()
    told = [dict(one.data) for one in register_entries(stream="fire", match={"evaluation": on_site.found.pk}, kinds=("photo_added",), most=9)]  # fmt: skip
    kept = {
        "evaluation": on_site.found.pk, "item": "alarm", "attachment": row.attachment_id,
        "sha256": row.attachment.blob_id, "taken_at": taken.isoformat(),
    }  # fmt: skip
    assert told == [kept]
    section.see("yan")
    assert refusal_of(lambda: photo_add(case=on_site.case.pk, item="roof", file=photograph("b.png"), place=None, sent=on_site.sent("yan"))) == "choice"  # fmt: skip
    section.see()
    assert Attachment.objects.filter(case=on_site.case).count() == 1
    assert len(register_entries(stream="fire", match={"item": "roof"}, kinds=("photo_added",), most=9)) == 0


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
    for who in drawn.inspectors:
        on_site.sign(username[who], by=one)
    assert on_site.standing().inspectors == 2
    with kernel_writes():  # one that had been kept all the same would not count
        Signature.objects.filter(person_id=drawn.inspectors[1]).update(person_id=section.person[outside])
    assert on_site.standing().inspectors == 1
    page = section.as_(one).get(f"/fire/evaluations/{drawn.case.number}").content.decode()
    offered = set(
        re.findall(r'<option value="(\d+)"', page.partition('id="sign-who"')[2].partition("</select>")[0])
    )
    assert offered == {str(who) for who in drawn.inspectors}
    with pytest.raises(Refusal, match="还没有出结论"):
        section.take(drawn.case, one, "check_pass", opinion="检查合格。")


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
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        page = browser.get(address)
    assert page.headers["Kept-For"] == str(section.person["yan"])
    assert "出现场评定结论" in page.content.decode()
    assert "保存这一项" not in section.as_("du").get(address).content.decode()
    assert section.as_("qian").get(address).status_code in (403, 404)
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
    assert hazards_left(project.pk) == 1
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
    assert (hazards_left(project.pk), case.facts["site"]["open"]) == (0, 0)
    assert section.take(case, "yan", "evaluate_pass", **PASSING) == "to_pass"
