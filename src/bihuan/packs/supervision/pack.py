"""Supervision (督查督办) as a pack: where accountability ends."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bihuan.kernel.identity.roles import SUPERVISOR, UNIT_ROLES
from bihuan.kernel.manifest import AccountCase, CalledToAccount
from bihuan.kernel.numbering.formats import NumberFormat
from bihuan.kernel.pack import Pack
from bihuan.lib.text import SHANGHAI
from bihuan.packs.supervision import calling, rules
from bihuan.packs.supervision.policies import CLOCK_LABELS, CLOCKS, POLICIES, RULE_LABELS
from bihuan.packs.supervision.promises import PROMISES
from bihuan.packs.supervision.workflow import WORKFLOWS

if TYPE_CHECKING:
    from bihuan.kernel.cases.moving import Moved


def _proved(**move: Any) -> "Moved":
    """See `services.works_prove` (imported late: this module is read before the tables are)."""
    from bihuan.packs.supervision.services import works_prove

    return works_prove(**move)


def _accountability(call: CalledToAccount) -> AccountCase:
    """The call, with the days before the first look back as the policy says today (imported late, as above)."""
    from bihuan.packs.supervision.services import look_back_days

    begins = calling.accountability(call)
    days = look_back_days(on=call.now.astimezone(SHANGHAI).date())
    return replace(begins, facts={**begins.facts, "look_back_days": days})


STEPS: Mapping[str, Any] = {
    "report": rules.report_kept,
    "complete": rules.report_kept,
    "state": rules.statement_kept,
    "plan": rules.plan_kept,
    "prove": rules.proof_kept,
    "failed": rules.failure_kept,
    "worsen": rules.worsening_kept,
}

PACK = Pack(
    name="supervision",
    label="督查督办",
    label_en="Supervision",
    workflows=WORKFLOWS,
    roles=(*UNIT_ROLES, SUPERVISOR),
    judge=rules.judge,
    on_step=STEPS,
    writers={"prove": _proved},
    clocks=CLOCKS,
    clock_labels=CLOCK_LABELS,
    centre_clocks=frozenset(("interview", "check", "look_back", "prove")),
    policies=POLICIES,
    rule_labels=RULE_LABELS,
    number_format=NumberFormat("supervision", "DC{date:%Y%m%d}{serial:5}"),
    in_bulk={"urge": ""},
    promises=PROMISES,
    called_to_account={
        "accountability": _accountability,
        "supervised": calling.supervised,
        "decision": calling.decision,
    },
    called_again={"accountability": "worsen"},
)
