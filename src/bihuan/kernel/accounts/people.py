"""People as administrators keep them: who they are, what they may do and since when, and who was here last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.accounts.staff_file import grants_written, staff_import
from bihuan.kernel.administration.shape import (
    Asked,
    Change,
    Column,
    Filter,
    Kind,
    Mark,
    Table,
    said,
)
from bihuan.kernel.identity.models import LOCKED, Grant, Person, Unit, holds_on
from bihuan.kernel.identity.powers import KINDS
from bihuan.kernel.identity.roles import Role
from bihuan.kernel.ledger.selectors import RegisterEntry, register_entries
from bihuan.kernel.pack import packs, roles
from bihuan.kernel.sentences import in_line, named
from bihuan.lib.declared import declared
from bihuan.lib.text import number_of

SYSTEM, SECURITY = "system_admin", "security_admin"
SEES = {
    "unit": gettext_lazy("看本单位的件"),
    "below": gettext_lazy("看本单位和下属单位的件"),
    "all": gettext_lazy("看全部的件"),
    "none": gettext_lazy("看不到任何件"),
}
POWERS = {
    "system_admin": gettext_lazy("登记单位和人员,重置密码,交接和停用账号,设定规则"),
    "security_admin": gettext_lazy("授予和收回角色,锁定和解锁账号,停用动态码,撤销令牌"),
    "audit_admin": gettext_lazy("只读各登记簿的条目"),
}
STATES = (
    ("open", gettext_lazy("在用")),
    ("locked", gettext_lazy("已锁定")),
    ("never", gettext_lazy("从未登录")),
    ("roleless", gettext_lazy("没有角色")),
    ("closed", gettext_lazy("已停用")),
)


def role_label(code: str) -> str:
    """A role in words."""
    known = roles().get(code)
    return _(known.label) if known else code


def role_words(role: Role) -> str:
    """What a role may do: an administrator's powers, or the steps that the workflows give it."""
    if role.code in POWERS:
        return str(POWERS[role.code])
    steps = {
        step.code: declared(step.label, "step")
        for pack in packs().values()
        for step in pack.workflow.steps
        if role.code in step.by
    }
    return in_line(dict.fromkeys(steps.values())) or "–"


def role_choices() -> list[tuple[str, str]]:
    """Every role, as (code, label)."""
    return [(code, _(role.label)) for code, role in roles().items()]


class People(Kind):
    """For the system administrator who keeps accounts, and the security administrator who keeps roles."""

    name = "people"
    label = gettext_lazy("人员")
    about = gettext_lazy(
        "账号、角色、锁定、交接。系统管理员管账号,安全管理员管角色,审计管理员只看;三者不能是同一人。"
    )
    group = "organisation"
    roles = (SYSTEM, SECURITY)
    stream = "identity"
    search = gettext_lazy("姓名、用户名或单位")
    filters = (
        Filter("state", gettext_lazy("状态"), lambda: STATES),
        Filter("role", gettext_lazy("角色"), role_choices),
    )
    columns = (
        Column("username", gettext_lazy("用户名")),
        Column("name", gettext_lazy("姓名")),
        Column("name_en", gettext_lazy("英文姓名"), screen=False),
        Column("roles", gettext_lazy("角色")),
        Column("grants", gettext_lazy("单位代码:角色代码"), screen=False),
        Column("state", gettext_lazy("状态")),
        Column("last_login", gettext_lazy("上次登录")),
    )
    import_columns = ("username", "name", "grants")
    import_roles = (SYSTEM, SECURITY)
    list_template = "accounts/people.html"
    page_template = "accounts/person.html"

    def rows(self, asked: Asked) -> Any:
        found = Person.objects.order_by("username")
        on = timezone.localdate(asked.now)
        if asked.q:
            units = Unit.objects.filter(Q(code=asked.q) | Q(name__contains=asked.q))
            holding = Grant.objects.filter(holds_on(on), unit__in=units).values("person")
            found = found.filter(
                Q(name__contains=asked.q)
                | Q(name_en__icontains=asked.q)
                | Q(username__startswith=asked.q)
                | Q(pk__in=holding)
            )
        if role := asked.chosen.get("role"):
            found = found.filter(pk__in=Grant.objects.filter(holds_on(on), role=role).values("person"))
        if state := asked.chosen.get("state"):
            found = found.filter(_state(state, asked.now))
        return found

    def cells(self, rows: Sequence[Person], asked: Asked) -> list[tuple[Any, ...]]:
        on = timezone.localdate(asked.now)
        held: dict[int, list[Grant]] = {}
        for grant in (
            Grant.objects.filter(holds_on(on), person__in=[row.pk for row in rows])
            .select_related("unit")
            .order_by("unit__code", "role")
        ):
            held.setdefault(grant.person_id, []).append(grant)
        return [
            (
                row.username,
                row.name,
                row.name_en,
                "\n".join(f"{named(g.unit)} · {role_label(g.role)}" for g in held.get(row.pk, [])),
                grants_written(held.get(row.pk, [])),
                person_state(row, asked.now),
                row.last_login,
            )
            for row in rows
        ]

    def found(self, key: str, asked: Asked) -> Person | None:
        return Person.objects.filter(pk=number_of(key)).first()

    def title(self, row: Person) -> str:
        return f"{named(row)} {row.username}"

    def facts(self, row: Person, asked: Asked) -> list[tuple[Any, Any]]:
        return [
            (_("用户名"), row.username),
            (_("姓名"), row.name),
            (_("英文姓名"), row.name_en),
            (_("状态"), person_state(row, asked.now)),
            (_("上次登录"), row.last_login),
            (_("动态码"), Mark(_("已启用"), "done") if row.totp_secret else _("没有启用")),
            (_("语言"), "English" if row.language == "en" else "中文"),
        ]

    def tables(self, row: Person, asked: Asked) -> list[Table]:
        grants = Grant.objects.filter(person=row).select_related("unit").order_by("-valid_from", "pk")
        known, on = roles(), timezone.localdate(asked.now)
        rows = tuple(
            (
                role_label(g.role),
                named(g.unit),
                f"{g.valid_from} – {g.valid_to or ''}" + _grant_state(g, on),
                f"{role_words(known[g.role])};{SEES[known[g.role].sees]}" if g.role in known else "–",
            )
            for g in grants
        )
        heads = (_("角色"), _("单位"), _("起止"), _("可以做什么"))
        return [Table(_("角色"), heads, rows or ((_("还没有角色。"), "", "", ""),))]

    def history(self, row: Person, asked: Asked) -> list[RegisterEntry]:
        found = register_entries(stream=self.stream, match={"person": row.pk}, or_match={"people": [row.pk]})
        units = {entry.data["unit"] for entry in found if "unit" in entry.data}
        names = {unit.pk: named(unit) for unit in Unit.objects.filter(pk__in=units)}
        return [
            replace(entry, data={**entry.data, "unit": names.get(entry.data["unit"], "")})
            if "unit" in entry.data
            else entry
            for entry in found
        ]

    def entry_lines(self, entry: RegisterEntry) -> list[tuple[Any, Any]]:
        data: Mapping[str, Any] = entry.data
        lines = [
            (_("单位"), data.get("unit")),
            (_("角色"), role_label(data["role"]) if "role" in data else None),
            (_("开始日期"), data.get("since")),
            (_("结束日期"), data.get("until")),
        ]
        return said(lines)

    def list_context(self, asked: Asked) -> dict[str, Any]:
        on = timezone.localdate(asked.now)
        held = Grant.objects.filter(holds_on(on), role__in=KINDS, person__is_active=True)
        holders: dict[str, list[str]] = {}
        for grant in held.select_related("person").order_by("person__username"):
            holders.setdefault(grant.role, []).append(named(grant.person))
        last = Person.objects.aggregate(Max("last_login"))["last_login__max"]
        return {
            "powers": [
                (role_label(code), words, in_line(holders.get(code, [])) or _("还没有人"))
                for code, words in POWERS.items()
            ],
            "last": last,
        }

    def page_context(self, row: Person, asked: Asked) -> dict[str, Any]:
        return {"may_tokens": asked.scope.holds(SECURITY)}

    def row_import(self, values: Mapping[str, str], asked: Asked) -> Change:
        return staff_import(values, asked)


class Roles(Kind):
    """For an administrator who is asked which role somebody needs: every role in words, and how many hold it."""

    name = "roles"
    label = gettext_lazy("角色说明")
    about = gettext_lazy("每种角色可以做什么、看到什么、有多少人。角色由业务的流程定下,不在这里改。")
    group = "organisation"
    roles = (SYSTEM, SECURITY)
    has_page = False
    columns = (
        Column("role", gettext_lazy("角色")),
        Column("code", gettext_lazy("代码")),
        Column("may", gettext_lazy("可以做什么")),
        Column("sees", gettext_lazy("看到什么")),
        Column("unmasks", gettext_lazy("可凭理由查看个人信息")),
        Column("people", gettext_lazy("人数"), number=True),
    )

    def rows(self, asked: Asked) -> list[Role]:
        return list(roles().values())

    def cells(self, rows: Sequence[Role], asked: Asked) -> list[tuple[Any, ...]]:
        held = Grant.objects.filter(holds_on(timezone.localdate(asked.now)), person__is_active=True)
        people: dict[str, set[int]] = {}
        for role, person in held.values_list("role", "person"):
            people.setdefault(role, set()).add(person)
        return [
            (
                _(role.label),
                role.code,
                role_words(role),
                str(SEES[role.sees]),
                role.unmasks,
                len(people.get(role.code, ())),
            )
            for role in rows
        ]

    def found(self, key: str, asked: Asked) -> None:
        return None


def person_state(row: Person, now: datetime) -> Mark:
    """Whether and why somebody can or cannot log in."""
    if not row.is_active:
        return Mark(_("已停用"), "paused")
    if row.locked_until == LOCKED:
        return Mark(_("已锁定"), "late")
    if row.locked_until is not None and row.locked_until > now:
        return Mark(_("锁定到 %s") % f"{timezone.localtime(row.locked_until):%Y-%m-%d %H:%M}", "late")
    return Mark(_("待改密码"), "near") if row.must_change_password else Mark(_("在用"), "done")


def _state(state: str, now: datetime) -> Q:
    on = timezone.localdate(now)
    return {
        "open": Q(is_active=True),
        "locked": Q(is_active=True, locked_until__gt=now),
        "never": Q(is_active=True, last_login=None),
        "roleless": Q(is_active=True) & ~Q(pk__in=Grant.objects.filter(holds_on(on)).values("person")),
        "closed": Q(is_active=False),
    }.get(state, Q())


def _grant_state(grant: Grant, on: date) -> str:
    if grant.valid_from > on:
        return _("(将生效)")
    return _("(已收回)") if grant.valid_to and grant.valid_to <= on else ""
