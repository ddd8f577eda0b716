"""What the two administrators do to accounts: each power its own (GB/T 22239)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.accounts.hand_over import HandOverForm, hand_over, hand_over_effect, held_tables
from bihuan.kernel.accounts.people import SECURITY, SYSTEM, People, role_choices, role_label
from bihuan.kernel.administration.forms import Drawn, LineField, day_field
from bihuan.kernel.administration.shape import Action, Asked, Done, Effect
from bihuan.kernel.administration.unit_fields import UnitField
from bihuan.kernel.cases.handing_over import cases_held
from bihuan.kernel.identity.accounts import (
    password_reset,
    person_enter,
    person_lock,
    person_rename,
    person_unlock,
    totp_clear,
)
from bihuan.kernel.identity.models import Grant, Person, holds_on
from bihuan.kernel.identity.powers import KINDS
from bihuan.kernel.identity.services import grant_add, grant_end, person_close
from bihuan.kernel.sentences import in_line, named
from bihuan.lib.refusals import Refusal

MOST_PASSWORDS = 50


class PersonForm(Drawn):
    """A new account."""

    username = LineField(
        label=gettext_lazy("用户名"),
        max_length=60,
        help_text=gettext_lazy("2 至 60 个小写字母、数字、点、横线和下划线,如工号。"),
    )
    name = LineField(label=gettext_lazy("姓名"), max_length=60)
    name_en = LineField(label=gettext_lazy("英文姓名"), max_length=80, required=False)


class NameForm(Drawn):
    """A name put right."""

    name = LineField(label=gettext_lazy("姓名"), max_length=60)
    name_en = LineField(label=gettext_lazy("英文姓名"), max_length=80, required=False)


class GrantForm(Drawn):
    """A role in a unit, with dates."""

    unit = UnitField(label=gettext_lazy("单位"))
    role = forms.ChoiceField(label=gettext_lazy("角色"))
    since = day_field(gettext_lazy("开始日期"), required=False, help_text=gettext_lazy("不填即从今天起。"))
    until = day_field(
        gettext_lazy("结束日期"), required=False, help_text=gettext_lazy("这一天起不再有;不填即一直有。")
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["role"].choices = role_choices()


class GrantEndForm(Drawn):
    """Which of the roles ends today."""

    grant = forms.ChoiceField(label=gettext_lazy("收回哪一个"))

    def __init__(self, row: Person, data: Any, asked: Asked) -> None:
        super().__init__(data)
        on = timezone.localdate(asked.now)
        held = Grant.objects.filter(person=row).exclude(valid_to__lte=on).select_related("unit")
        self.fields["grant"].choices = [
            (str(g.pk), f"{named(g.unit)} · {role_label(g.role)} · {g.valid_from}") for g in held
        ]


class PasswordsForm(Drawn):
    """First passwords for those of a unit who were never here."""

    unit = UnitField(label=gettext_lazy("单位"))


def _new(row: None, given: dict[str, Any], asked: Asked) -> Done:
    made, password = person_enter(**given, now=asked.now, by=asked.by)
    message = _("%s 的账号已建立。初始密码(首次登录时必须修改):") % made.name
    return Done(message, address=_address(made.pk), secret=password)


def _passwords(row: None, given: dict[str, Any], asked: Asked) -> Done:
    people = _never_here(given, asked)
    lines = [f"{p.username} {password_reset(person=p.pk, now=asked.now, by=asked.by)}" for p in people]
    return Done(
        _("%s 人的初始密码(首次登录时必须修改):") % len(lines), "/administration/people", "\n".join(lines)
    )


def _passwords_effect(row: None, given: dict[str, Any], asked: Asked) -> Effect:
    people = _never_here(given, asked)
    first = _("给从未登录过的 %(count)s 人发新的初始密码,以前发的作废:") % {"count": len(people)}
    return Effect((first, in_line(f"{named(p)} {p.username}" for p in people)))


def _never_here(given: dict[str, Any], asked: Asked) -> list[Person]:
    on = timezone.localdate(asked.now)
    held = Grant.objects.filter(holds_on(on))
    people = Person.objects.filter(
        is_active=True, last_login=None, pk__in=held.filter(unit=given["unit"]).values("person")
    ).exclude(pk__in=held.filter(role__in=KINDS).values("person"))
    found = list(people.order_by("username")[: MOST_PASSWORDS + 1])
    if not found:
        raise Refusal("nobody", _("这个单位没有从未登录过的人。"), field="unit")
    if len(found) > MOST_PASSWORDS:
        raise Refusal("too_many", _("一次最多 %s 人,请到各人的页面重置。") % MOST_PASSWORDS, field="unit")
    return found


def _rename(row: Person, given: dict[str, Any], asked: Asked) -> Done:
    person_rename(person=row.pk, **given, now=asked.now, by=asked.by)
    return Done(_("已改。"))


def _reset(row: Person, given: dict[str, Any], asked: Asked) -> Done:
    password = password_reset(person=row.pk, now=asked.now, by=asked.by)
    message = _("%s 的密码已重置。初始密码(首次登录时必须修改):") % row.name
    return Done(message, _address(row.pk), password)


def _unlock(row: Person, given: dict[str, Any], asked: Asked) -> Done:
    person_unlock(person=row.pk, now=asked.now, by=asked.by)
    return Done(_("已解锁。"))


def _lock(row: Person, given: dict[str, Any], asked: Asked) -> Done:
    person_lock(person=row.pk, now=asked.now, by=asked.by)
    return Done(_("已锁定,直到再解锁。"))


def _totp_clear(row: Person, given: dict[str, Any], asked: Asked) -> Done:
    totp_clear(person=row.pk, now=asked.now, by=asked.by)
    return Done(_("动态码已停用。"))


def _grant(row: Person, given: dict[str, Any], asked: Asked) -> Done:
    grant_add(person=row.pk, **{**given, "unit": given["unit"].pk}, now=asked.now, by=asked.by)
    return Done(_("已授予。"))


def _grant_end(row: Person, given: dict[str, Any], asked: Asked) -> Done:
    grant_end(grant=int(given["grant"]), now=asked.now, by=asked.by)
    return Done(_("已收回。"))


def _close(row: Person, given: dict[str, Any], asked: Asked) -> Done:
    person_close(person=row.pk, now=asked.now, by=asked.by)
    return Done(_("账号已停用。"))


def _close_effect(row: Person, given: dict[str, Any], asked: Asked) -> Effect:
    held = cases_held(person=row.pk, now=asked.now)
    tables, cautions = held_tables(held)
    lines = (_("此人不能再登录,登录和令牌马上失效;经过都留着。"), _("手上没有未办结的件。"))
    return Effect(lines, tables, cautions)


def _address(person: int) -> str:
    return f"/administration/people/of/{person}"


def _active(row: Person) -> bool:
    return row.is_active


def _locked(row: Person) -> bool:
    return row.is_active and row.locked_until is not None


People.list_actions = (
    Action("new", gettext_lazy("新建账号"), (SYSTEM,), _new, lambda row, data, asked: PersonForm(data)),
    Action(
        "passwords",
        gettext_lazy("发初始密码"),
        (SYSTEM,),
        _passwords,
        lambda row, data, asked: PasswordsForm(data),
        _passwords_effect,
        tried=False,
    ),
)
People.actions = (
    Action(
        "grant",
        gettext_lazy("授予角色"),
        (SECURITY,),
        _grant,
        lambda row, data, asked: GrantForm(data),
        open_to=_active,
    ),
    Action(
        "grant-end",
        gettext_lazy("收回角色"),
        (SECURITY,),
        _grant_end,
        GrantEndForm,
        warning=gettext_lazy("从今天起不再有这一角色。"),
        open_to=_active,
    ),
    Action(
        "hand-over",
        gettext_lazy("交接手上的件"),
        (SYSTEM,),
        hand_over,
        HandOverForm,
        hand_over_effect,
        open_to=_active,
        template="accounts/hand_over.html",
    ),
    Action(
        "rename",
        gettext_lazy("改姓名"),
        (SYSTEM,),
        _rename,
        lambda row, data, asked: NameForm(data, initial={"name": row.name, "name_en": row.name_en}),
        open_to=_active,
    ),
    Action(
        "reset",
        gettext_lazy("重置密码"),
        (SYSTEM,),
        _reset,
        warning=gettext_lazy("原密码作废,此人的登录马上失效;新的初始密码只显示一次。"),
        open_to=_active,
    ),
    Action("unlock", gettext_lazy("解锁"), (SYSTEM, SECURITY), _unlock, open_to=_locked),
    Action(
        "lock",
        gettext_lazy("锁定"),
        (SECURITY,),
        _lock,
        warning=gettext_lazy("此人的登录和令牌马上失效,直到再解锁。手上的件不变。"),
        danger=True,
        open_to=_active,
    ),
    Action(
        "totp-clear",
        gettext_lazy("停用动态码"),
        (SECURITY,),
        _totp_clear,
        warning=gettext_lazy("用于丢了手机的人:下次登录只凭密码,之后可自己重新启用。"),
        open_to=lambda row: row.is_active and bool(row.totp_secret),
    ),
    Action(
        "close",
        gettext_lazy("停用账号"),
        (SYSTEM,),
        _close,
        effect=_close_effect,
        danger=True,
        warning=gettext_lazy("手上还有件的,先交接。"),
        open_to=_active,
        before="hand-over",
    ),
)
