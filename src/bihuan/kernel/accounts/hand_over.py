"""The hand-over of a leaver: first all that is in the person's hands, then who would get what, then the doing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bihuan.kernel.accounts.people import role_label
from bihuan.kernel.administration.forms import Drawn
from bihuan.kernel.administration.importing import undone
from bihuan.kernel.administration.shape import Asked, Done, Effect, Table
from bihuan.kernel.cases.handing_over import Held, HeldCase, Share, cases_hand_over, cases_held
from bihuan.kernel.cases.permission import duty_label
from bihuan.kernel.identity.models import Grant, Person, Unit, holds_on
from bihuan.kernel.pack import roles, workflows
from bihuan.kernel.sentences import in_line, named
from bihuan.lib.declared import declared

SHOWN = 50


class HandOverForm(Drawn):
    """To whom: people who may act in the units of the cases."""

    to = forms.MultipleChoiceField(
        label=gettext_lazy("交给谁"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "boxes"}),
        help_text=gettext_lazy("可选几个人:按到期先后平均分。只列出在这些单位有办理角色的人。"),
    )

    def __init__(self, row: Person, data: Any, asked: Asked) -> None:
        super().__init__(data)
        self.held = cases_held(person=row.pk, now=asked.now)
        units = {case.unit for case in self.held.handled}
        self.fields["to"].choices = receivers(units, apart=row.pk, asked=asked)

    @property
    def tables(self) -> tuple[Table, ...]:
        """What is in the person's hands now."""
        return held_tables(self.held)[0]

    @property
    def cautions(self) -> tuple[str, ...]:
        """What no hand-over settles."""
        return held_tables(self.held)[1]


def receivers(units: Iterable[int], *, apart: int, asked: Asked) -> list[tuple[str, str]]:
    """(id, name with units and roles) of those who may act in one of these units as its own staff."""
    acting = [code for code, role in roles().items() if role.acts == "holder"]
    grants = (
        Grant.objects.filter(holds_on(timezone.localdate(asked.now)), unit__in=list(units), role__in=acting)
        .filter(person__is_active=True)
        .exclude(person=apart)
        .select_related("person", "unit")
        .order_by("unit__code", "person__username")
    )
    told: dict[int, tuple[Person, list[str]]] = {}
    for grant in grants:
        told.setdefault(grant.person_id, (grant.person, []))[1].append(
            f"{named(grant.unit)} {role_label(grant.role)}"
        )
    return [
        (str(pk), f"{named(person)} {person.username}({in_line(held)})")
        for pk, (person, held) in told.items()
    ]


def hand_over(row: Person, given: dict[str, Any], asked: Asked) -> Done:
    """Do it, and say what stays."""
    shares = _carried(row, given, asked)
    left = sum(share.to is None for share in shares)
    told = {"count": len(shares) - left, "left": left}
    return Done(
        _("已交接 %(count)s 件,还有 %(left)s 件没有交出去。") % told
        if left
        else _("已交接 %(count)s 件。") % told
    )


def hand_over_effect(row: Person, given: dict[str, Any], asked: Asked) -> Effect:
    """Who would get what, and what nobody named can take."""
    with undone():
        shares = _carried(row, given, asked)
    people = {p.pk: named(p) for p in Person.objects.filter(pk__in=[int(one) for one in given["to"]])}
    counts = Counter(share.to for share in shares if share.to is not None)
    lines = [
        ngettext("%(name)s 接 %(count)d 件。", "%(name)s 接 %(count)d 件。", counts[pk])
        % {"name": name, "count": counts[pk]}
        for pk, name in people.items()
    ]
    names = _names({share.case.unit for share in shares})
    left = [share for share in shares if share.to is None]
    going = [share for share in shares if share.to is not None]
    tables = [
        Table(
            _("交不出去的"),
            (_("编号"), _("状态"), _("单位"), _("为什么")),
            tuple((*_told(share.case, names)[:3], share.why) for share in left[:SHOWN]),
        )
    ] * bool(left)
    tables.append(
        Table(
            _("交出去的"),
            (_("编号"), _("状态"), _("单位"), _("到期"), _("交给")),
            tuple((*_told(share.case, names), people[share.to or 0]) for share in going[:SHOWN]),
        )
    )
    cautions = [_("%s 件交不出去:先改选接收人或授予角色,否则账号不能停用。") % len(left)] * bool(left)
    cautions += _unable(going, people, asked)
    return Effect(tuple(lines), tuple(tables), tuple(cautions))


def _unable(going: list[Share], people: dict[int, str], asked: Asked) -> list[str]:
    """Who would get cases that wait for a role of the unit which they do not hold, in words."""
    grants = Grant.objects.filter(holds_on(timezone.localdate(asked.now)), person__in=people)
    held = set(grants.values_list("person", "unit", "role"))
    lacking = Counter(
        (share.to, role)
        for share in going
        if (role := workflows()[share.case.workflow].state[share.case.state].waits_for)
        and roles()[role].acts == "holder"
        and (share.to, share.case.unit, role) not in held
    )
    return [
        _("%(name)s没有“%(role)s”的角色,接的 %(count)s 件正等着它:请安全管理员先授予,否则接了也不能办。")
        % {"name": people[pk or 0], "role": role_label(role), "count": count}
        for (pk, role), count in lacking.items()
    ]


def held_tables(held: Held) -> tuple[tuple[Table, ...], tuple[str, ...]]:
    """All that is in somebody's hands, as tables, and what no hand-over settles, in words."""
    units = {u.pk: named(u) for u in Unit.objects.filter(pk__in={a.unit for a in held.alone})}
    names = _names({case.unit for case in (*held.handled, *held.done)})
    tables = []
    if held.handled:
        rows = tuple(_told(case, names) for case in held.handled[:SHOWN])
        title = _("手上未办结的(%s 件)") % len(held.handled)
        tables.append(Table(title, (_("编号"), _("状态"), _("单位"), _("到期")), rows))
    if held.done:
        rows = tuple((*_told(case, names)[:3], _duties(case)) for case in held.done[:SHOWN])
        title = _("办过环节的(%s 件):做过的留在件里,不用交接") % len(held.done)
        tables.append(Table(title, (_("编号"), _("状态"), _("单位"), _("做过")), rows))
    cautions = tuple(
        _("%(unit)s没有别的%(role)s:有 %(count)s 件等着这一角色,请安全管理员先授予别人。")
        % {"unit": units[one.unit], "role": role_label(one.role), "count": one.waiting}
        for one in held.alone
        if one.waiting
    )
    return tuple(tables), cautions


def _carried(row: Person, given: dict[str, Any], asked: Asked) -> tuple[Share, ...]:
    to = [int(one) for one in given["to"]]
    return cases_hand_over(person=row.pk, to=to, now=asked.now, by=asked.by)


def _names(units: set[int]) -> dict[int, str]:
    return {u.pk: named(u) for u in Unit.objects.filter(pk__in=units)}


def _told(case: HeldCase, names: dict[int, str]) -> tuple[str, str, str, str]:
    state = declared(workflows()[case.workflow].state[case.state].label, "state")
    return case.number, state, names.get(case.unit, ""), _due(case.due_at)


def _duties(case: HeldCase) -> str:
    return in_line(duty_label(duty) for duty in case.duties)


def _due(due_at: datetime | None) -> str:
    return f"{timezone.localtime(due_at):%Y-%m-%d %H:%M}" if due_at else "–"
