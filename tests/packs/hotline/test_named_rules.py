"""The three regulations that S1 names stand, with name and version, on the screens of the steps that they bind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.services import policy_set
from bihuan.packs.hotline.pack import PACK
from bihuan.packs.hotline.workflow import WORKFLOW
from tests.desk.conftest import City, as_, city  # noqa: F401  the fixtures

FIRST = "依据《东昌府区12345市民热线首接负责制(试行)》,自 2020-01-01 起施行。"
ASKED = "依据《首问负责制度》,自 2020-01-01 起施行。"
CALLED = "依据《回访制度》,自 2020-01-01 起施行。"
As = Callable[..., Client]


def told(client: Client, address: str) -> list[str]:
    """Which of the three the page names."""
    page = client.get(address)
    assert page.status_code == 200
    return [words for words in (FIRST, ASKED, CALLED) if words in page.content.decode()]


def test_each_regulation_stands_where_it_binds(city: City, as_: As) -> None:
    number = city.dispatched().number
    assert told(as_("li"), "/hotline/new") == [ASKED]
    assert told(as_("wang"), f"/cases/{number}") == []
    for step in ("return", "object"):
        who = "wang" if step == "return" else "sun"
        assert told(as_(who), f"/cases/{number}?step={step}") == [FIRST], step
    city.move(Case.objects.get(number=number).pk, "return", "wang", grounds="duty", reason="不属于本单位职责")
    for step in ("accept_return", "refuse_return"):
        assert told(as_("tang", after=2), f"/cases/{number}?step={step}") == [FIRST], step
    handled = city.dispatched().number
    city.move(Case.objects.get(number=handled).pk, "sign_for", "wang")
    assert told(as_("wang", after=2), f"/cases/{handled}?step=self_call_back") == [CALLED]


def test_the_call_back_clerk_reads_it_beside_the_verdict(city: City, as_: As) -> None:
    case = city.handling().case
    city.move(case, "answer", "wang", outcome="done", answer="经调解双方同意退费,已经办结。")
    city.move(case, "approve_up", "sun", after=2)
    city.move(case, "approve", "zhao", after=3)
    assert told(as_("liu", after=4), "/queue") == [CALLED]


def test_a_new_version_binds_new_cases_alone(city: City, as_: As) -> None:
    old = city.dispatched().number
    with kernel_writes():
        policy_set(
            code="hotline.named.first_responsibility", value="首接负责制(2026年修订)", unit="named", region="",
            valid_from=city.now.date() + timedelta(days=1), legal_basis="修订", now=city.now, by="system",
        )  # fmt: skip
    city.now += timedelta(days=1)
    new = city.dispatched().number
    page = as_("wang").get(f"/cases/{new}?step=return").content.decode()
    assert "依据《首接负责制(2026年修订)》,自 2026-03-03 起施行。" in page
    assert told(as_("wang"), f"/cases/{old}?step=return") == [FIRST]


def test_what_binds_is_a_step() -> None:
    steps = {step.code for step in WORKFLOW.steps}
    assert {step for bound in PACK.named_rules.values() for step in bound} - steps == set()


@pytest.mark.parametrize("value", ["", "甲", "制" * 81, 5, ["首接负责制"]])
def test_a_name_that_is_none_is_refused(value: object) -> None:
    from bihuan.kernel.administration.policy_checks import value_check
    from bihuan.kernel.administration.policy_values import rule_of
    from bihuan.lib.refusals import Refusal

    rule = rule_of("hotline.named.call_back")
    value_check(rule, "回访制度(2026年修订)")
    with pytest.raises(Refusal, match="写明制度的名称和版本"):
        value_check(rule, value)
