"""一把手抽访: drawn every working day for each head, never what a head handled, called, signed, redone, drawn again."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.identity.models import Delegation, Person
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.policies.services import policy_set
from bihuan.kernel.review.models import Sample, Sampled
from bihuan.kernel.review.services import never_drawn, sample_sign
from bihuan.kernel.scoring.keeping import scores_keep, scores_recompute
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.text import SHANGHAI, FieldError
from bihuan.packs.hotline.tenth.drawing import SCHEME, tenth_call, tenths_draw
from tests.desk.conftest import City, as_, city  # noqa: F401
from tests.stories.cast import text_of

EVERYTHING = Scope(0, (), (), True)
pytestmark = pytest.mark.django_db
SEED = "5e" * 32


def answered(city: City, *, by: str = "wang", **more: Any) -> Any:
    """An order that waits for its call-back, reviewed at 13:00 of the standing Monday."""
    opened = city.dispatched(**more)
    city.move(opened.case, "sign_for", by)
    city.move(opened.case, "self_call_back", by, reached="yes", note="已联系来电人")
    city.move(opened.case, "answer", by, outcome="done", answer="经调解双方同意退费,已经办结。")
    city.move(opened.case, "approve_up", "sun", after=2)
    city.move(opened.case, "approve", "zhao", after=3)
    return opened


def drawn(city: City, *, at: datetime | None = None) -> list[Sample]:
    scope_apply(EVERYTHING)
    return tenths_draw(now=at or city.now + timedelta(hours=4), seed=SEED)


def called(city: City, one: Sampled, *, by: str = "sun", after: float = 5, **typed: Any) -> tuple[str, str]:
    given = {"reached": "yes", "grade": "5", "understood": "on", **typed}
    given = {name: value for name, value in given.items() if value}
    return tenth_call(sampled=one.pk, typed=given, by=city.people[by], now=city.now + timedelta(hours=after))


def signed(city: City, sample: Sample, *, by: str = "sun", after: float = 6) -> Sample:
    return sample_sign(sample=sample.pk, by=city.people[by], now=city.now + timedelta(hours=after))


def last_entry() -> dict[str, Any]:
    """The latest entry of the register of samples."""
    with kernel_writes():
        entry = LedgerEntry.objects.filter(stream="sample").latest("seq")
    return dict(json.loads(bytes(entry.body)))


def test_a_tenth_is_drawn_once_a_day_with_its_list_and_seed_in_the_ledger(city: City) -> None:
    orders = [answered(city) for _ in range(3)]
    (sample,) = drawn(city)
    assert drawn(city, at=city.now + timedelta(hours=5)) == []
    assert (sample.unit.code, sample.day, sample.listed) == (
        "371502_market", date(2026, 3, 2), sorted(order.number for order in orders),
    )  # fmt: skip
    assert sample.due_at == datetime(2026, 3, 3, 23, 59, 59, tzinfo=SHANGHAI)
    assert sample.rule == {"percent": 10, "rounding": "up", "algorithm": "sha256/1"}
    (one,) = sample.cases.all()
    data = last_entry()["data"]
    assert (data["sample"], data["seed"], data["drawn"]) == (sample.pk, SEED, [one.case.number])
    assert data["listed"] == sample.listed
    assert LedgerEntry.objects.filter(case_id=one.case_id).latest("seq").kind == "sampled"
    assert never_drawn(scheme=SCHEME) == (2, 3)
    assert ledger_verify().faults == ()


def test_what_a_head_handled_is_confidential_or_has_no_number_is_not_listed(city: City) -> None:
    from bihuan.kernel.cases.opening import PartyData

    answered(city, parties=(PartyData(name="无名", phone=""),))
    answered(
        city, confidential=True, parties=(PartyData(name="举报人", phone="19900000009", confidential=True),)
    )
    kept = answered(city)
    own = city.dispatched()
    with kernel_writes():
        Case.objects.filter(pk=own.case).update(progress={"did": {"handle": [city.people["sun"]]}})
    for step, by, data in (
        ("sign_for", "wang", {}), ("self_call_back", "wang", {"reached": "yes", "note": "已联系"}),
        ("answer", "wang", {"outcome": "done", "answer": "经调解双方同意退费,已经办结。"}),
    ):  # fmt: skip
        city.move(own.case, step, by, **data)
    with kernel_writes():
        Case.objects.filter(pk=own.case).update(
            progress={"levels": ["reviewer"], "did": {"handle": [city.people["sun"]]}}
        )
    city.move(own.case, "approve", "zhao", after=3)
    (sample,) = drawn(city)
    assert sample.listed == [kept.number]
    assert sample.left_out == {"handled": 1, "confidential": 1, "unreachable": 1}


def test_not_on_a_holiday_nor_early_nor_twice_and_nothing_is_lost_meanwhile(city: City) -> None:
    first = answered(city)
    assert drawn(city, at=datetime(2026, 3, 7, 10, 0, tzinfo=SHANGHAI)) == []
    assert drawn(city, at=datetime(2026, 3, 3, 8, 20, tzinfo=SHANGHAI)) == []
    (one,) = drawn(city, at=datetime(2026, 3, 3, 8, 30, tzinfo=SHANGHAI))
    assert one.listed == [first.number]
    later = answered(city, now=city.now)
    case = Case.objects.get(pk=later.case)
    assert case.state == "calling_back"
    assert (
        drawn(city, at=datetime(2026, 3, 4, 9, 0, tzinfo=SHANGHAI)) == []
    )  # answered before the last list was made


def test_the_policy_says_how_many_which_and_on_which_days(city: City) -> None:
    for code, value, unit in (
        ("hotline.tenth_percent", 50, "percent"), ("hotline.tenth_rounding", "down", "choice"),
        ("hotline.tenth_days", "all", "choice"),
    ):  # fmt: skip
        policy_set(
            code=code, value=value, unit=unit, legal_basis="试行办法", valid_from=date(2026, 3, 1), now=city.now,
            by="test", region="371502",
        )  # fmt: skip
    city.now = datetime(2026, 3, 6, 12, 0, tzinfo=SHANGHAI)
    for _ in range(3):
        answered(city)
    (sample,) = drawn(city, at=datetime(2026, 3, 7, 10, 0, tzinfo=SHANGHAI))
    assert (len(sample.listed), sample.cases.count(), sample.day) == (3, 1, date(2026, 3, 7))


def test_the_head_calls_and_signs_and_nothing_changes_afterwards(city: City) -> None:
    answered(city)
    (sample,) = drawn(city)
    one = sample.cases.get()
    with pytest.raises(Refusal, match="还有 1 件没有回访"):
        signed(city, sample)
    assert called(city, one, words="很快就退了") == ("", "")
    done = signed(city, sample)
    assert (done.signed_by_id, done.on_behalf_of_id, done.signed_at) == (
        city.people["sun"], None, city.now + timedelta(hours=6),
    )  # fmt: skip
    with pytest.raises(Refusal, match="已经登记"):
        called(city, one)
    with pytest.raises(Refusal, match="已经签过字"):
        signed(city, sample)
    one.refresh_from_db()
    assert (one.reached, one.grade, one.said) == (
        True,
        "5",
        {"contacted": False, "resolved": False, "understood": True},
    )
    body = last_entry()
    assert (body["kind"], body["by"], body["data"]["results"]) == (
        "signed",
        city.people["sun"],
        {one.case.number: "5"},
    )
    case = "\n".join(bytes(e.body).decode() for e in LedgerEntry.objects.filter(case_id=one.case_id))
    assert "很快就退了" not in case  # the words lie beside the ledger
    assert ledger_verify().faults == ()


@pytest.mark.parametrize("who", ["wang", "qian", "tang", "chen"])
def test_nobody_but_the_head_signs(city: City, who: str) -> None:
    answered(city)
    (sample,) = drawn(city)
    with pytest.raises(NotPermitted, match="单位负责人本人"):
        called(city, sample.cases.get(), by=who)
    with pytest.raises(NotPermitted):
        signed(city, sample, by=who)
    assert (sample.cases.get().reached, Sample.objects.get(pk=sample.pk).signed_at) == (None, None)


def test_a_delegate_signs_in_the_heads_name_and_never_what_he_handled(city: City) -> None:
    answered(city)
    (sample,) = drawn(city)
    one = sample.cases.get()
    with kernel_writes():
        for grantee in ("chen", "wang"):
            Delegation.objects.create(
                grantor_id=city.people["sun"], grantee_id=city.people[grantee], begins=city.now,
                ends=city.now + timedelta(days=3), reason="出差",
            )  # fmt: skip
    with pytest.raises(NotPermitted, match="经办过这一件的人不能抽访这一件"):
        called(city, one, by="wang")
    called(city, one, by="chen")
    done = signed(city, sample, by="chen")
    assert (done.signed_by_id, done.on_behalf_of_id) == (city.people["chen"], city.people["sun"])


def test_a_sheet_on_which_nobody_was_drawn_waits_for_no_signature(
    city: City, as_: Callable[..., Client]
) -> None:
    answered(city, parties=(), facts={"type": "complaint", "reachable": False})
    (sample,) = drawn(city)
    assert sample.listed == [] and sample.cases.count() == 0
    for later in (5, 24 * 4):  # before and after its term
        page = as_("sun", after=later).get("/hotline/samples")
        assert [figure["value"] for figure in page.context["figures"]][:3] == [0, 0, 0]
        assert "没有抽中,不用签字" in text_of(page)
    assert "没有抽访" in text_of(as_("sun", after=24 * 4).get("/hotline/samples?state=late"))


def test_whom_the_head_asks_to_sign_finds_the_sheets_in_the_menu(
    city: City, as_: Callable[..., Client]
) -> None:
    answered(city)
    (sample,) = drawn(city)
    before = as_("wang", after=5)
    assert 'href="/hotline/samples"' not in text_of(before.get("/"))
    assert before.get("/hotline/samples").status_code == 403
    lent = {"grantor_id": city.people["sun"], "grantee_id": city.people["wang"], "begins": city.now}
    with kernel_writes():
        Delegation.objects.create(**lent, step="approve_up", ends=city.now + timedelta(days=3), reason="审核")
    assert as_("wang", after=5).get("/hotline/samples").status_code == 403, "one step is not the head's desk"
    with kernel_writes():
        Delegation.objects.create(**lent, ends=city.now + timedelta(days=3), reason="出差")
    lends = as_("wang", after=5)
    assert 'href="/hotline/samples"' in text_of(lends.get("/"))
    assert f"/hotline/samples/{sample.pk}" in text_of(lends.get("/hotline/samples"))
    assert as_("wang", after=24 * 3 + 1).get("/hotline/samples").status_code == 403


def test_the_discontent_have_the_order_handled_again(city: City) -> None:
    order = answered(city)
    (sample,) = drawn(city)
    with pytest.raises(FieldError, match="写明原因"):
        called(city, sample.cases.get(), grade="2")
    assert called(city, sample.cases.get(), grade="2", words="钱没有退到账") == (order.number, "")
    scope_apply(EVERYTHING)
    case = Case.objects.get(pk=order.case)
    assert (case.state, case.redo_count, sample.cases.get().redone) == ("handling", 1, order.number)
    assert case.facts["evaluation"]["grade"] == "2"
    assert "sample_discontent" not in case.progress


def test_what_was_closed_meanwhile_is_opened_anew(city: City) -> None:
    order = answered(city)
    (sample,) = drawn(city)
    city.move(order.case, "evaluate", "liu", after=4, grade="5")
    number, why_not = called(city, sample.cases.get(), grade="1", words="后来又不退了")
    scope_apply(EVERYTHING)
    again = Case.objects.get(number=number)
    assert (why_not, again.origin_id, again.pack) == ("", order.case, "hotline")
    assert Case.objects.get(pk=order.case).state == "closed"


def test_the_step_is_open_only_after_a_call_that_found_discontent(city: City) -> None:
    order = answered(city)
    drawn(city)
    with pytest.raises(Refusal, match="抽访登记来电人不满意"):
        case_move(
            case_id=order.case, step="redo_after_sample", by=city.people["sun"], now=city.now + timedelta(hours=6),
            data={"grade": "1", "reason": "没有解决"},
        )  # fmt: skip
    assert Case.objects.get(pk=order.case).redo_count == 0


def test_three_calls_in_vain_apart_count_as_not_reached(city: City) -> None:
    answered(city)
    (sample,) = drawn(city)
    one = sample.cases.get()
    called(city, one, reached="no", grade="", understood="", after=5)
    with pytest.raises(Refusal, match="隔开"):
        called(city, one, reached="no", grade="", understood="", after=6)
    for after in (8, 11):
        called(city, one, reached="no", grade="", understood="", after=after)
    one.refresh_from_db()
    assert (one.reached, len(one.tries), one.grade) == (False, 3, "")
    signed(city, sample, after=12)


def test_the_command_draws_again_and_finds_what_was_changed(city: City) -> None:
    for _ in range(12):
        answered(city)
    (sample,) = drawn(city)

    def verify() -> dict[str, Any]:
        out = StringIO()
        with suppress(SystemExit):
            call_command("sample", "verify", str(sample.pk), stdout=out)
        return dict(json.loads(out.getvalue()))

    told = verify()
    assert (told["faults"], len(told["drawn"]), told["drawn"] == told["again"]) == ([], 2, True)
    with kernel_writes():
        other = next(n for n in sample.listed if n not in told["drawn"])
        case = Case.objects.get(number=other)
        sample.cases.filter(place=1).update(case=case)
    assert verify()["faults"] == ["the cases kept differ from those drawn"]


def test_the_sheet_is_the_heads_the_centre_reads_and_others_do_not(
    city: City, as_: Callable[..., Client]
) -> None:
    answered(city)
    (sample,) = drawn(city)
    one, address = sample.cases.get(), f"/hotline/samples/{sample.pk}"
    sheet = text_of(as_("sun", after=5).get(address))
    assert (
        one.case.number in sheet
        and "登记回访" in sheet
        and "19900000001" not in sheet
        and "结果相同" in sheet
    )
    shown = text_of(as_("sun", after=5).post(f"{address}/phone/{one.pk}"))
    assert "19900000001" in shown
    assert LedgerEntry.objects.filter(case_id=one.case_id, kind="unmasked").count() == 1
    assert "登记回访" not in text_of(as_("tang", after=5).get(address))
    assert as_("qian", after=5).get(address).status_code == 404
    assert as_("qian", after=5).get("/hotline/samples").status_code == 403
    wrong = as_("sun", after=5).post(
        f"{address}/call/{one.pk}", {"reached": "yes", "grade": "1", "words": "不"}
    )
    assert wrong.status_code == 422 and "至少 4 个字" in text_of(wrong)
    as_("sun", after=5).post(f"{address}/call/{one.pk}", {"reached": "yes", "grade": "4"})
    refused = as_("sun", after=6).post(f"{address}/sign", {})
    assert refused.status_code == 422 and "请勾选" in text_of(refused)
    assert as_("sun", after=6).post(f"{address}/sign", {"confirm": "on"}).status_code == 302
    listed = text_of(as_("tang", after=7).get("/hotline/samples?state=signed"))
    assert "孙国强" in listed and "从没被抽中的" in listed and "(0 / 1)" in listed
    text = as_("tang", after=7).get(f"{address}/draw.txt").content.decode()
    assert SEED in text and one.case.number in text and "SHA-256" in text


def test_the_lists_ask_the_same_however_long_they_are(
    city: City, as_: Callable[..., Client], django_assert_max_num_queries: Any
) -> None:
    for _ in range(21):
        answered(city)
    (sample,) = drawn(city)
    assert sample.cases.count() == 3
    client = as_("sun", after=5)
    client.get("/hotline/samples")
    for address in ("/hotline/samples", f"/hotline/samples/{sample.pk}"):
        with django_assert_max_num_queries(30):
            client.get(address)


def test_a_unit_sees_only_its_own_samples(city: City) -> None:
    answered(city)
    (sample,) = drawn(city)
    for units, seen in (((sample.unit_id,), 1), ((city.units["371502_veterans"],), 0), ((), 0)):
        scope_apply(Scope(1, (), units, False))
        assert (Sample.objects.count(), Sampled.objects.count()) == (seen, seen)
    assert Person.objects.exists() and connection.in_atomic_block


def test_a_closing_time_ahead_counts_nothing_as_overdue_that_is_not_yet(city: City) -> None:
    answered(city)
    (sample,) = drawn(city)
    now = city.now + timedelta(hours=5)
    scores_keep(now=now)
    given = {"pack": "hotline", "since": city.now - timedelta(days=1), "until": city.now + timedelta(days=30)}
    assert scores_recompute(**given, now=now).changed == 0
    late = scores_recompute(**given, now=sample.due_at + timedelta(minutes=1))
    assert (late.missing, late.surplus) == (1, 0)
