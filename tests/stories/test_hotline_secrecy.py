"""Who reported stays hidden from the unit that handles it, and the accused unit is chosen by nobody."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.cases.models import Case, CaseText, Party
from tests.api.client import Api
from tests.stories.cast import Town, town  # noqa: F401  a fixture

MARKET, EDUCATION, DESK = "371502_market", "371502_education", "371502_desk"
VETERANS, DISCIPLINE = "371502_veterans", "371502_discipline"
REPORT = {
    "text": "反映市场监督管理部门个别人员收受商户好处。",
    "type": "report",
    "reporter": "佟志鹏",
    "phone": "13912344321",
    "address": "柳园街道桂花巷7号",
}
WHO = ("佟志鹏", "佟", "13912344321", "****4321", "桂花巷")


def test_a_confidential_reporter_never_reaches_the_handling_unit(town: Town) -> None:
    number = town.open(**REPORT, accused=town.unit(EDUCATION))
    assert town.at(number) == ("dispatched", MARKET)
    town.takes("wang", number, "sign_for")
    wang = Api("wang")
    seen = {
        "page": town.page("wang", number),
        "desk": town.as_("wang").get("/?tab=unit").content.decode(),
        "api": wang.get(f"/cases/{number}").content.decode(),
        "api ledger": wang.get(f"/cases/{number}/ledger").content.decode(),
        "export": town.exported("wang"),
        "ledger": town.ledger(number),
        "search": town.as_("wang").get("/search", {"q": number}).content.decode(),
    }
    for place, body in seen.items():
        if place not in ("ledger", "api ledger"):
            assert number in body, place
        for word in WHO:
            assert word not in body.replace("RX", ""), (place, word)
    for word in ("13912344321", "佟志鹏"):
        body = town.as_("wang").get("/search", {"q": word}).content.decode()
        assert number not in body, word
    party = Party.objects.get(case=town.case(number))
    page = town.as_("wang").post(f"/cases/{number}/parties/{party.pk}/show", {"reason": "要联系来电人"})
    assert page.status_code == 404
    town.takes("wang", number, "answer", outcome="done", answer="经核查,未发现所反映的情况。")
    assert (
        "13912344321"
        in town.as_("liu")
        .post(f"/cases/{number}/parties/{party.pk}/show", {"reason": "回访时核对"})
        .content.decode()
    )
    assert town.kinds(number).count("unmasked") == 1


def test_nobody_can_choose_the_accused_unit(town: Town) -> None:
    number = town.open(**REPORT, accused=town.unit(MARKET))
    assert town.at(number) == ("coordinating", DESK)
    accused = town.unit(MARKET)
    for username in ("zhou", "tang"):
        town.refused(username, number, "assign", "被举报、被投诉的单位不能办理本件", unit=accused)
    town.takes("zhou", number, "assign", unit=town.unit(VETERANS))
    town.takes("qian", number, "sign_for")
    town.refused("qian", number, "assist", "也不能是被反映的单位", units=[accused], request="请配合调查")
    town.takes("qian", number, "return", grounds="duty", reason="不属于本单位职责")
    town.refused("tang", number, "accept_return", "被举报、被投诉的单位不能办理本件", unit=accused)
    town.takes("tang", number, "refuse_return", reason="由你单位调查")
    assert town.as_("wang").get(f"/cases/{number}").status_code == 404


def test_a_refusal_is_not_handed_over_to_the_accused(town: Town) -> None:
    number = town.open(accused=town.unit(DISCIPLINE))
    town.takes("wang", number, "sign_for")
    town.takes("wang", number, "assist", units=[town.unit(EDUCATION)], request="请核实办学许可")
    child = Case.objects.get(parent=town.case(number)).number
    town.takes("371502_education_section_chief", child, "refuse_assistance", reason="不属于本单位职责")
    town.refused(
        "tang", child, "hand_over", "不能办理本件", unit=town.unit(DISCIPLINE), reason="两次拒不配合"
    )


def test_an_order_is_not_merged_into_a_case_that_the_accused_holds(town: Town) -> None:
    held = town.handling()
    accusing = town.open(**REPORT, accused=town.unit(MARKET))
    town.refused("tang", accusing, "merge", "被举报", case=held)


def test_what_the_centre_adds_to_a_confidential_case_is_hidden_from_its_handling_unit(town: Town) -> None:
    number = town.open(**REPORT, accused=town.unit(EDUCATION))
    town.takes("wang", number, "sign_for")
    for who, name in (("tang", "佟某通话录音.txt"), ("wang", "现场核查.txt")):
        file = SimpleUploadedFile(name, f"{name}的内容".encode())
        assert town.as_(who).post(f"/cases/{number}/attachments", {"file": file}).status_code == 302
    page, centre = town.page("wang", number), town.page("tang", number)
    assert ("现场核查.txt" in page, "录音.txt" in page) == (True, False)
    assert ("现场核查.txt" in centre, "录音.txt" in centre) == (True, True)
    town.see()
    recording = Attachment.objects.get(case__number=number, added_by__username="tang")
    assert town.as_("wang").get(f"/attachments/{recording.pk}").status_code == 404
    assert town.as_("tang").get(f"/attachments/{recording.pk}").status_code == 200


def test_a_confidential_reporters_address_is_hidden_in_words_but_the_place_of_the_matter_stays(
    town: Town,
) -> None:
    words = "我家住柳园街道桂花巷7号,对面桂花巷7号旁的仓库收受商户好处。"
    number = town.open(**{**REPORT, "text": words, "place": "桂花巷7号对面仓库"})
    page = town.page("tang", number)
    town.see()
    case = town.case(number)
    assert CaseText.objects.get(case=case).text == "我家住***,对面***旁的仓库收受商户好处。"
    assert case.place == "桂花巷7号对面仓库"
    assert number in page
