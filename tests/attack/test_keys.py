"""An idempotency key opens nothing that its owner may not see."""

from __future__ import annotations

from typing import Any

from tests.api.client import Api, contents, refused, rows
from tests.stories.cast import REFUND, Town


def keyed(api: Api, number: str, step: str, version: int, key: str, **data: Any) -> Any:
    body = {"version": version, "data": data}
    return api.post(f"/cases/{number}/steps/{step}", body, **{"Idempotency-Key": key})


def test_a_key_shows_an_outsider_no_case(town: Town) -> None:
    number = town.handling()
    qian = Api("qian")
    before = rows(), contents()
    for version in (1, town.case(number).version):
        response = keyed(qian, number, "sign_for", version, f"key-{version}")
        refused(response, 404, field="number", code="not_found")
        assert "王" not in response.content.decode()
    assert (rows(), contents()) == before


def test_a_key_merges_into_no_case_out_of_sight(town: Town) -> None:
    """A dispatcher of one county cannot merge into what another county's desk holds."""
    hidden = town.handling()
    number = town.open(
        **{**REFUND, "text": "另一件退费", "territory": "", "place": "", "phone": "19900000002"}
    )
    town.see()
    unit = town.case(hidden).unit_id
    zhou = Api("zhou")
    town.see()
    from bihuan.kernel.cases.models import Viewer
    from bihuan.kernel.identity.models import Person
    from bihuan.kernel.identity.scope import scope_of
    from bihuan.kernel.pack import roles

    scope = scope_of(person=Person.objects.get(username="zhou").pk, at=town.now, roles=roles())
    seen = unit in scope.units or Viewer.objects.filter(case=town.case(hidden), unit__in=scope.units).exists()
    case = town.case(number)
    print(case.state, case.unit, "zhou sees hidden:", seen)
    before = contents()
    response = keyed(zhou, number, "merge", case.version, "merge-1", case=hidden)
    print(response.content.decode())
    if not seen:
        refused(response, 422, field="case")
        assert contents() == before
