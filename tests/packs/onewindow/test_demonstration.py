"""The demonstration of the window: an application in every state, by the rules, entered once."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

import pytest

from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.models import Certificate, Change
from bihuan.kernel.identity.scope import scope_apply
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.policies.models import PolicyRule
from bihuan.packs.onewindow.commitments.workflow import WORKFLOW as COMMITMENT
from bihuan.packs.onewindow.demonstration.exchange import exchange_play
from bihuan.packs.onewindow.demonstration.lives import LIVES, window_play
from bihuan.packs.onewindow.models import Application, Item
from bihuan.packs.onewindow.platforms.reconciling import reconciled
from bihuan.packs.onewindow.workflow import WORKFLOW
from tests.walks import EVERYTHING


@pytest.mark.django_db
def test_there_is_an_application_in_every_state_and_it_is_played_once(now: datetime) -> None:
    scope_apply(EVERYTHING)
    assert window_play(until=now) == len(LIVES)
    with kernel_writes():
        cases = Case.objects.filter(pack="onewindow")
        states = Counter(cases.filter(workflow=WORKFLOW.key).values_list("state", flat=True))
        checks = Counter(cases.filter(workflow=COMMITMENT.key).values_list("state", flat=True))
        automatic = Counter(
            cases.filter(facts__has_key="automatic").values_list("facts__automatic", flat=True)
        )
        held = Counter(Certificate.objects.values_list("state", flat=True))
        waiting = Change.objects.filter(outcome="").count()
        codes = Application.objects.exclude(case_code=None).count()
    assert states.keys() == set(WORKFLOW.state)
    assert (sum(states.values()), Item.objects.count()) == (len(LIVES), 7)
    assert checks == dict.fromkeys(COMMITMENT.state, 1)
    assert automatic == {True: 2, False: 1}
    assert codes == 33
    assert (held["suspended"], held["replaced"], held["revoked"], waiting) == (1, 1, 2, 1)
    assert ledger_verify().faults == ()
    assert window_play(until=now) == 0
    assert (exchange_play(until=now), exchange_play(until=now)) == (3, 0)
    told = reconciled()
    assert [(one.agrees, one.received == one.sent > 0) for one in told.followed] == [(True, True)]
    assert (told.reviews, told.taken, [one.why for one in told.refused]) == (3, 2, ["state"])


@pytest.mark.django_db
def test_a_city_that_was_there_before_begins_at_any_hour_of_its_first_day(now: datetime) -> None:
    scope_apply(EVERYTHING)
    sunday = datetime(2026, 3, 8, 0, 7, tzinfo=now.tzinfo)
    with kernel_writes():
        PolicyRule.objects.filter(code__startswith="onewindow.").update(valid_from=date(2026, 3, 8))
    assert window_play(until=sunday) == len(LIVES)
    with kernel_writes():
        days = set(Case.objects.filter(pack="onewindow").values_list("basis_date", flat=True))
    assert days == {date(2026, 3, 8)}
