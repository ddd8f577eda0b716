"""People on the screens of administration: each power does its own, a leaver hands over, a refusal changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bihuan.kernel.accounts.people import role_words
from bihuan.kernel.cases.handing_over import cases_held
from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.api.tokens import token_issue, token_person
from bihuan.kernel.desk.models import ApiToken
from bihuan.kernel.identity.models import LOCKED, Grant, Person
from bihuan.kernel.identity.services import grant_add
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles
from tests.administration.conftest import City, Log
from tests.kernel.test_identity import identity_now, last_entry

pytestmark = pytest.mark.django_db
HOME = "/administration/people"
OWN = {
    "rename": {"admin"}, "reset": {"admin"}, "close": {"admin"}, "hand-over": {"admin"}, "lock": {"security"},
    "grant": {"security"}, "grant-end": {"security"},
}  # fmt: skip


def row_of(name: str) -> Person:
    with kernel_writes():
        return Person.objects.get(username=name)


def handler_of(case: int) -> str | None:
    with kernel_writes():
        handler = Case.objects.select_related("handler").get(pk=case).handler
    return handler.username if handler else None


def answered(city: City) -> int:
    """A case that wang has answered, so that it is his."""
    case = city.handling().case
    city.move(case, "answer", "wang", outcome="done", answer="经调解双方同意退费,已经办结。")
    return case


@pytest.mark.parametrize("action", OWN)
def test_an_action_of_another_power_is_refused(city: City, as_: Log, action: str) -> None:
    before = identity_now()
    for username in {"admin", "security", "audit", "tang"} - OWN[action]:
        answer = as_(username).post(f"{HOME}/of/{city.people['qian']}/do/{action}", {})
        assert answer.status_code == 403, username
    assert identity_now() == before


def test_an_account_is_opened_given_roles_with_dates_and_closed(city: City, as_: Log) -> None:
    made = as_("admin").post(f"{HOME}/do/new", {"username": "newcomer", "name": "新人"})
    row = row_of("newcomer")
    assert row.must_change_password
    assert row.check_password(made.context["made"].secret)
    again = as_("admin").post(f"{HOME}/do/new", {"username": "newcomer", "name": "别人"})
    assert (again.status_code, row_of("newcomer").name) == (422, "新人")
    page, on = f"{HOME}/of/{row.pk}", city.now.date()
    security = as_("security")
    until = str(on + timedelta(days=30))
    role = {"unit": "371502_market", "role": "handler", "until": until}
    assert security.post(f"{page}/do/grant", role).status_code == 302
    assert last_entry()["data"]["until"] == until
    grant = Grant.objects.get(person=row)
    assert (grant.unit.code, grant.role, grant.valid_from, str(grant.valid_to)) == (
        "371502_market", "handler", on, until,
    )  # fmt: skip
    before = identity_now()
    for wrong in (
        role,
        {**role, "role": "section_chief", "until": str(on)},
        {**role, "role": "section_chief", "since": str(on - timedelta(days=1))},
        {**role, "unit": "nowhere"},
        {**role, "role": "audit_admin"},
    ):
        assert security.post(f"{page}/do/grant", wrong).status_code == 422
    assert identity_now() == before
    later = {**role, "since": until, "until": ""}
    assert security.post(f"{page}/do/grant", later).status_code == 302
    told = security.get(page).context["tables"][0].rows
    assert [one[2].split("(")[-1] for one in told] == ["将生效)", f"{on} – {until}"]
    assert "签收" in told[1][3]
    assert security.post(f"{page}/do/grant-end", {"grant": grant.pk}).status_code == 302
    assert [g.valid_from for g in Grant.objects.filter(person=row)] == [on + timedelta(days=30)]
    closing = as_("admin").post(f"{page}/do/close", {})
    assert row_of("newcomer").is_active
    as_("admin").post(f"{page}/do/close", {"confirm": closing.context["seal"]})
    assert not row_of("newcomer").is_active


def test_a_locked_account_is_out_at_once_until_it_is_unlocked(city: City, as_: Log) -> None:
    qian, address = as_("qian"), f"{HOME}/of/{city.people['qian']}/do"
    token, _row = token_issue(username="qian", days=9, now=city.now, by="operator")
    assert qian.get("/account").status_code == 200
    assert token_person(token=token, now=city.now) == city.people["qian"]
    assert as_("security").post(f"{address}/lock").status_code == 302
    assert row_of("qian").locked_until == LOCKED
    assert last_entry()["kind"] == "person_locked"
    assert qian.get("/account").status_code == 302
    assert token_person(token=token, now=city.now) is None
    before = identity_now()
    assert as_("security").post(f"{address}/lock").status_code == 422
    own = f"{HOME}/of/{city.people['security']}/do/lock"
    assert as_("security").post(own).status_code == 403
    assert identity_now() == before
    assert as_("admin").post(f"{address}/unlock").status_code == 302
    assert token_person(token=token, now=city.now) == city.people["qian"]


def test_failures_at_the_door_end_no_session(city: City, as_: Log) -> None:
    qian = as_("qian")
    with kernel_writes():
        Person.objects.filter(username="qian").update(locked_until=city.now + timedelta(days=1))
    assert qian.get("/account").status_code == 200


def test_a_reset_password_ends_sessions_and_is_shown_once(city: City, as_: Log) -> None:
    qian, page = as_("qian"), f"{HOME}/of/{city.people['qian']}"
    answer = as_("admin").post(f"{page}/do/reset")
    assert "no-store" in answer["Cache-Control"]
    secret = answer.context["made"].secret
    assert row_of("qian").check_password(secret)
    assert qian.get("/account").status_code == 302
    assert secret not in as_("admin").get(page).content.decode()


def test_first_passwords_for_those_of_a_unit_who_were_never_here(city: City, as_: Log) -> None:
    address, form = f"{HOME}/do/passwords", {"unit": "371502_market"}
    with kernel_writes():
        Person.objects.filter(username="sun").update(last_login=city.now)
    before = identity_now()
    seen = as_("admin").post(address, form)
    assert identity_now() == before
    assert seen.context["effect"].lines[1] == "陈立新 chen、王建业 wang"
    done = as_("admin").post(address, {**form, "confirm": seen.context["seal"]})
    given = dict(line.split() for line in done.context["made"].secret.splitlines())
    assert set(given) == {"chen", "wang"}
    assert row_of("wang").check_password(given["wang"]) and row_of("wang").must_change_password
    before = identity_now()
    assert as_("admin").post(address, {"unit": "371502_12345"}).context["effect"].lines[1].count("admin") == 0
    assert as_("admin").post(address, {"unit": "371502"}).status_code == 422
    assert identity_now() == before


def test_a_staff_list_is_imported_by_two_powers_and_comes_back_as_it_was(city: City, as_: Log) -> None:
    text = (
        "username,name,grants\nwei01,魏强,371502_market:handler;东昌府区市场监督管理局:科室负责人\n"
        "wang,王建业,371502_market:handler\n"
    )
    unit = city.units["371502_market"]
    with kernel_writes():
        from bihuan.kernel.identity.models import Unit

        text = text.replace("东昌府区市场监督管理局", Unit.objects.get(pk=unit).name)
    before = identity_now()
    refused = as_("security").post(f"{HOME}/import", {"text": text})
    assert [line.column for line in refused.context["plan"].faults] == ["username"]
    plan = as_("admin").post(f"{HOME}/import", {"text": text}).context["plan"]
    assert identity_now() == before
    assert plan.counted == {"new": 1, "changed": 0, "same": 1}
    as_("admin").post(f"{HOME}/import", {"rows": plan.kept})
    assert list(row_of("wei01").grants.all()) == []
    plan = as_("security").post(f"{HOME}/import", {"text": text}).context["plan"]
    assert plan.counted == {"new": 0, "changed": 1, "same": 1}
    as_("security").post(f"{HOME}/import", {"rows": plan.kept})
    assert sorted(g.role for g in row_of("wei01").grants.all()) == ["handler", "section_chief"]
    exported = as_("admin").get(f"{HOME}/export.csv?q=wei01").content.decode("utf-8-sig")
    again = as_("admin").post(f"{HOME}/import", {"text": exported}).context["plan"]
    assert again.counted == {"new": 0, "changed": 0, "same": 1}
    before = identity_now()
    for bad in ("x1,甲,371502_market:king", "x1,甲,nowhere:handler", "X 1,甲,", "x1,,", "x1,甲,handler"):
        plan = as_("admin").post(f"{HOME}/import", {"text": f"username,name,grants\n{bad}\n"}).context["plan"]
        assert len(plan.faults) == 1, bad
    assert identity_now() == before


def test_a_leaver_sees_all_first_and_shares_among_several(city: City, as_: Log) -> None:
    cases = [answered(city) for _n in range(3)]
    waiting = city.dispatched().case
    with kernel_writes():
        number = Case.objects.get(pk=waiting).number
    admin, wang = as_("admin"), city.people["wang"]
    address = f"{HOME}/of/{wang}/do/hand-over"
    page = admin.get(address)
    form = page.context["form"]
    assert len(form.tables[0].rows) == 3
    assert number not in page.content.decode()
    assert "培训班" not in page.content.decode()  # a system administrator sees no case
    assert form.cautions == (
        f"{Grant.objects.get(person_id=wang).unit.name}没有别的办理人:有 1 件等着这一角色,请安全管理员先授予别人。",
    )
    offered = dict(form.fields["to"].choices)
    assert set(offered) == {str(city.people["chen"]), str(city.people["sun"])}
    before = identity_now(), [handler_of(case) for case in cases]
    to = [str(city.people["chen"]), str(city.people["sun"])]
    seen = admin.post(address, {"to": to})
    assert seen.context["effect"].lines == ("陈立新 接 2 件。", "孙国强 接 1 件。")
    assert seen.context["effect"].cautions == ()
    assert (identity_now(), [handler_of(case) for case in cases]) == before
    for wrong in ({}, {"to": "0"}, {"to": str(wang)}, {"to": str(city.people["qian"])}, {"to": "x"}):
        assert admin.post(address, wrong).status_code == 422
    closing = admin.post(f"{HOME}/of/{wang}/do/close", {})
    assert (closing.status_code, row_of("wang").is_active) == (422, True)
    assert [(action.name, way) for action, way in closing.context["earlier"]] == [("hand-over", address)]
    assert admin.post(address, {"to": to, "confirm": seen.context["seal"]}).status_code == 302
    assert sorted(str(handler_of(case)) for case in cases) == ["chen", "chen", "sun"]
    assert cases_held(person=wang, now=city.now).handled == ()
    assert len(cases_held(person=wang, now=city.now).done) == 3
    assert admin.post(address, {"to": to}).status_code == 422


def test_who_lacks_the_role_that_a_case_waits_for_is_named_before_it_is_handed_over(
    city: City, as_: Log
) -> None:
    case, wang, chen = city.handling().case, city.people["wang"], city.people["chen"]
    seen = as_("admin", after=2).post(f"{HOME}/of/{wang}/do/hand-over", {"to": [str(chen)]})
    assert seen.context["effect"].lines == ("陈立新 接 1 件。",)
    assert seen.context["effect"].cautions == (
        "陈立新没有“办理人”的角色,接的 1 件正等着它:请安全管理员先授予,否则接了也不能办。",
    )
    assert handler_of(case) == "wang"


def test_who_reviewed_a_case_does_not_get_it_to_handle(city: City, as_: Log) -> None:
    case = answered(city)
    city.move(case, "approve_up", "sun", after=2)
    address = f"{HOME}/of/{city.people['wang']}/do/hand-over"
    refused = as_("admin", after=3).post(address, {"to": [str(city.people["sun"])]})
    assert refused.status_code == 422
    assert "接收人在本件中已经“审核”" in refused.content.decode()
    assert handler_of(case) == "wang"


def test_tokens_are_listed_by_person_and_revoked(city: City, as_: Log) -> None:
    token, row = token_issue(username="tang", days=9, now=city.now, by="operator")
    security = as_("security")
    assert (
        "/administration/tokens?q=tang" in security.get(f"{HOME}/of/{city.people['tang']}").content.decode()
    )
    listed = security.get("/administration/tokens?q=tang").context["rows"]
    assert [cells[1][1] for _address, cells in listed] == ["tang"]
    assert security.post(f"/administration/tokens/of/{row.pk}/do/revoke").status_code == 302
    assert token_person(token=token, now=city.now) is None
    assert last_entry()["data"] == {"token": row.pk}
    before = identity_now()
    assert as_("admin").post(f"/administration/tokens/of/{row.pk}/do/revoke").status_code == 403
    assert security.post(f"/administration/tokens/of/{row.pk}/do/revoke").status_code == 403
    assert identity_now() == before
    assert ApiToken.objects.get(pk=row.pk).revoked_at is not None


def test_what_a_role_may_do_is_told_from_the_workflows(as_: Log) -> None:
    assert role_words(roles()["audit_admin"]) == "只读各登记簿的条目"
    assert "签收" in role_words(roles()["handler"])
    assert "签收" not in role_words(roles()["reviewer"])
    rows = as_("security").get("/administration/roles").context["rows"]
    assert len(rows) == len(roles())


def test_the_list_shows_the_three_powers_and_who_holds_them(city: City, as_: Log) -> None:
    page = as_("security").get(HOME)
    assert [holders for _label, _words, holders in page.context["powers"]] == [
        "系统管理员", "安全管理员", "审计管理员",
    ]  # fmt: skip
    many: Any = page.context["count"]
    assert many == Person.objects.count() > 400
    assert as_("security").get(f"{HOME}?q=wang").context["count"] == 1
    assert as_("security").get(f"{HOME}?q=nobody-here").context["count"] == 0
    grant_add(
        person=city.people["qian"], unit=city.units["371502_market"], role="handler", now=city.now,
        by=city.people["security"],
    )  # fmt: skip
    history = as_("admin").get(f"{HOME}/of/{city.people['qian']}").context["history"]
    assert (history[0].what, history[0].who) == ("授予角色", "安全管理员")
