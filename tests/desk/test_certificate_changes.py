"""One asks that a certificate be suspended, resumed, replaced or revoked, another decides: on its own page, told by its number alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.certificates.models import Certificate, Change
from bihuan.kernel.certificates.selectors import number_checked
from bihuan.kernel.certificates.services import certificate_revoke
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import scope_apply
from bihuan.kernel.identity.services import grant_add
from bihuan.kernel.identity.units import unit_close
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.models import Notice
from tests.certificates import stalls
from tests.desk.conftest import City
from tests.desk.test_certificates import EVERYTHING, issued
from tests.kernel.test_certificates import state

__all__ = ["stalls"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stalls")]
As = Callable[..., Client]
REVOKE = {"act": "revoke", "ground": "deceit", "reason": "租赁合同系伪造,当事人承认"}


def asked(as_: As, made: Certificate, who: str = "wang", **typed: str) -> Any:
    return as_(who).post(f"/certificates/{made.pk}", {**REVOKE, **typed})


def waiting() -> Change:
    with kernel_writes():
        return Change.objects.select_related("certificate").get(outcome="")


def kinds(made: Certificate) -> list[str]:
    with kernel_writes():
        return list(LedgerEntry.objects.filter(stream=f"certificate:{made.pk}").order_by("seq").values_list("kind", flat=True))  # fmt: skip


def test_what_one_asks_another_decides(city: City, as_: As, django_assert_max_num_queries: Any) -> None:
    made = issued(city)
    assert asked(as_, made)["Location"] == f"/certificates/{made.pk}"
    change = waiting()
    with kernel_writes():
        (told,) = Notice.objects.filter(template="certificate_change_asked")
        assert (told.unit_id, told.context) == (made.unit_id, {"number": made.number})
    before = state()
    refused = as_("wang").post(f"/certificates/changes/{change.pk}/grant")
    assert refused.status_code == 403 and "由发证机关的负责人批准" in refused.content.decode()
    again = asked(as_, made, act="suspend", ground="unfit")
    assert again.status_code == 422 and "已有一项申请在等批准" in again.content.decode()
    assert as_("sun").post(f"/certificates/changes/{change.pk}/refuse").status_code == 422
    assert state() == before
    client = as_("sun")
    assert "等批准" in client.get("/certificates?show=waiting").content.decode()
    with django_assert_max_num_queries(25):
        page = client.get(f"/certificates/{made.pk}").content.decode()
    assert "同意,马上办" in page and "以欺骗、贿赂等不正当手段取得" in page and "宋晓梅" not in page
    client.post(f"/certificates/changes/{change.pk}/grant", {"remark": "属实"})
    assert kinds(made) == ["issued", "change_asked", "change_granted", "revoked"]
    assert number_checked(number=made.number, code=made.code, now=city.now).standing == "revoked"
    with kernel_writes():
        sent = Notice.objects.get(template="certificate_revoked")
        assert (sent.channel, sent.context) == ("sms", {"number": made.number, "state": "revoked"})
    before = state()
    late = as_("sun").post(f"/certificates/changes/{change.pk}/refuse", {"remark": "再想想看"})
    assert late.status_code == 409 and state() == before


def test_a_corrected_one_replaces_the_old_and_points_to_it(city: City, as_: As) -> None:
    made = issued(city)
    typed = {"act": "replace", "ground": "misprint", "holder": "宋晓楣", "line_place": "柳园南路68号东侧", "line_goods": "早餐"}  # fmt: skip
    assert asked(as_, made, **typed | {"line_place": ""}).status_code == 422
    assert "柳园南路66号东侧" in as_("wang").get(f"/certificates/{made.pk}").content.decode()
    assert asked(as_, made, **typed).status_code == 302
    page = as_("sun").get(f"/certificates/{made.pk}").content.decode()
    assert "柳园南路66号东侧" in page and "柳园南路68号东侧" in page
    as_("sun").post(f"/certificates/changes/{waiting().pk}/grant")
    scope_apply(EVERYTHING)
    made.refresh_from_db()
    new = made.replaced_by
    assert new is not None and (made.state, new.state) == ("replaced", "valid")
    assert (new.holder, new.identity) == ("宋晓楣", made.identity)
    assert new.contents == {"place": "柳园南路68号东侧", "goods": "早餐"}
    assert (new.valid_from, new.valid_until) == (made.valid_from, made.valid_until)
    found = number_checked(number=made.number, code=made.code, now=city.now)
    assert (found.standing, found.replaced_by) == ("replaced", new.number)
    assert f'/certificates/{new.pk}"' in as_("wang").get(f"/certificates/{made.pk}").content.decode()


@pytest.mark.parametrize(
    ("who", "typed", "status"),
    [
        ("qian", {}, 404),
        ("zhao", {}, 403),
        ("wang", {"ground": "misprint"}, 422),
        ("wang", {"reason": "短"}, 422),
        ("wang", {"reason": "假合同\u202e"}, 422),
        ("wang", {"act": "resume", "ground": "mended"}, 422),
        ("wang", {"act": "destroy"}, 422),
    ],
)
def test_what_may_not_be_asked_changes_nothing(
    city: City, as_: As, who: str, typed: dict[str, str], status: int
) -> None:
    made = issued(city)
    before = state()
    assert asked(as_, made, who, **typed).status_code == status
    assert state() == before


def test_a_head_does_not_decide_what_the_head_asked(city: City, as_: As) -> None:
    made = issued(city)
    assert asked(as_, made, "sun", act="suspend", ground="unfit").status_code == 302
    before, change = state(), waiting()
    refused = as_("sun").post(f"/certificates/changes/{change.pk}/grant")
    assert refused.status_code == 403 and "提出的人不能自己批准" in refused.content.decode()
    assert as_("wang").post(f"/certificates/changes/{change.pk}/withdraw").status_code == 403
    assert as_("qian").post(f"/certificates/changes/{change.pk}/grant").status_code == 404
    assert state() == before
    assert as_("sun").post(f"/certificates/changes/{change.pk}/withdraw").status_code == 302
    assert kinds(made) == ["issued", "change_asked", "change_withdrawn"]


def test_what_was_granted_too_late_is_refused_whole(city: City, as_: As) -> None:
    made = issued(city)
    asked(as_, made, act="suspend", ground="unfit")
    certificate_revoke(certificate=made.pk, reason="承诺核查不实", by=city.people["wang"], now=city.now)
    before, change = state(), waiting()
    refused = as_("sun").post(f"/certificates/changes/{change.pk}/grant")
    assert refused.status_code == 422 and "现在已撤销" in refused.content.decode()
    assert state() == before and waiting().outcome == ""


def test_the_successor_of_a_unit_that_ended_acts_for_it(city: City, as_: As) -> None:
    made, tax, today = issued(city), city.units["371502_tax"], city.now.date()
    assert as_("qian").get(f"/certificates/{made.pk}").status_code == 404
    with kernel_writes():
        market = Unit.objects.get(code="371502_market")
        joint = Unit.objects.create(
            code="371502_joint", name="市场和质量局", kind="department", level="county", parent=market.parent
        ).pk
    for unit, to in ((city.units["371502_market"], joint), (joint, tax)):
        unit_close(unit=unit, on=today, to=to, basis="机构改革方案", now=city.now, by=city.people["admin"])
    for person, role in (("qian", "handler"), ("zhao", "bureau_head")):
        grant_add(person=city.people[person], unit=tax, role=role, now=city.now, by="system")
    before = state()
    for who, status in (("wang", 403), ("sun", 403), ("li", 403)):
        assert asked(as_, made, who, act="suspend", ground="unfit").status_code == status, who
    assert state() == before
    assert asked(as_, made, "qian", act="suspend", ground="unfit").status_code == 302
    with kernel_writes():
        assert Notice.objects.get(template="certificate_change_asked").unit_id == tax
    before, change = state(), waiting()
    assert as_("sun").post(f"/certificates/changes/{change.pk}/grant").status_code == 403
    assert state() == before
    assert made.number in as_("zhao").get("/certificates?show=waiting").content.decode()
    as_("zhao").post(f"/certificates/changes/{change.pk}/grant")
    assert kinds(made) == ["issued", "change_asked", "change_granted", "suspended"]
