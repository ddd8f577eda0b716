"""The three administrators' powers: who may do what to accounts, units and roles (GB/T 22239; rules.md I)."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.identity.models import Grant, holds_on
from bihuan.kernel.identity.roles import ADMINISTRATORS
from bihuan.kernel.sentences import in_line
from bihuan.lib.refusals import NotPermitted

KINDS = frozenset(role.code for role in ADMINISTRATORS)


def roles_held(*, person: int, now: datetime) -> set[str]:
    """The codes of the roles that a person holds on the day of `now`; none for a closed account."""
    on = timezone.localdate(now)
    held = Grant.objects.filter(holds_on(on), person_id=person, person__is_active=True)
    return set(held.values_list("role", flat=True))


def power_require(*roles: str, by: int | str, now: datetime) -> None:
    """NotPermitted unless `by` holds one of these roles now. A name in place of an id is the operator's own command."""
    if isinstance(by, int) and not roles_held(person=by, now=now) & set(roles):
        names = in_line(_(role.label) for role in ADMINISTRATORS if role.code in roles)
        raise NotPermitted("power", _("这要由%(names)s来办。") % {"names": names}, rule="GB/T 22239")


def not_oneself(*, person: int, by: int | str) -> None:
    """NotPermitted when somebody would change the own account or roles."""
    if person == by:
        raise NotPermitted("oneself", _("不能办理自己的账号和角色,请由另一名管理员办理。"), rule="GB/T 22239")


def not_an_administrator(*, person: int, by: int | str, now: datetime) -> None:
    """NotPermitted when the account is an administrator's: one power must not take over another through a password."""
    if isinstance(by, int) and roles_held(person=person, now=now) & KINDS:
        message = _("这是管理员的账号:请由运维人员在服务器上重置密码,或由安全管理员先收回其管理员角色。")
        raise NotPermitted("three_powers", message, rule="GB/T 22239")
