"""What can be done to the directory and its matters on the screen: each from a day on, with its effect shown first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.administration.forms import Drawn, LineField, day_field
from bihuan.kernel.administration.shape import Action, Asked, Done, Effect
from bihuan.kernel.administration.unit_fields import UnitField, UnitsField, departments
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.units import units_on
from bihuan.kernel.sentences import named
from bihuan.packs.hotline.directory.kinds import (
    ADMINISTRATOR,
    DirectoryRows,
    lead_name,
    matter_choices,
)
from bihuan.packs.hotline.directory.upkeep import directory_end, directory_set
from bihuan.packs.hotline.models import Directory, Matter


class SetForm(Drawn):
    """A row of the directory from a day on."""

    matter = forms.ChoiceField(label=gettext_lazy("事项"))
    territory = forms.ChoiceField(
        label=gettext_lazy("属地"), help_text=gettext_lazy("由谁管的地方:功能区托管的镇街按功能区。")
    )
    level = forms.ChoiceField(label=gettext_lazy("层级"), choices=Directory.Level.choices)
    unit = UnitField(
        label=gettext_lazy("主办单位"),
        offered=departments,
        required=False,
        help_text=gettext_lazy("镇街主办的不填:由事发地的镇街办。"),
    )
    assisting = UnitsField(label=gettext_lazy("协办单位"), offered=departments, required=False)
    legal_basis = LineField(label=gettext_lazy("依据"), max_length=200)
    since = day_field(gettext_lazy("从哪天起"))

    def __init__(self, row: Directory | None, data: Any, asked: Asked) -> None:
        super().__init__(data, initial=_initial(row, asked))
        on = timezone.localdate(asked.now)
        places = units_on(on).filter(kind__in=("territory", "zone")).order_by("code")
        self.fields["matter"].choices = matter_choices()
        self.fields["territory"].choices = [(one.code, named(one)) for one in places]
        for name in ("matter", "territory") if row else ():
            self.fields[name].disabled = True


class EndForm(Drawn):
    """From which day nobody is named."""

    on = day_field(gettext_lazy("从哪天起"))


def _initial(row: Directory | None, asked: Asked) -> dict[str, Any]:
    if row is None:
        return {}
    return {
        "matter": row.matter,
        "territory": row.territory.code if row.territory else "",
        "level": row.level,
        "unit": row.unit,
        "assisting": list(row.assisting.order_by("code")),
        "legal_basis": row.legal_basis,
    }


def _set(row: Directory | None, given: dict[str, Any], asked: Asked) -> Done:
    made = directory_set(
        matter=given["matter"],
        territory=Unit.objects.get(code=given["territory"]).pk,
        level=given["level"],
        unit=given["unit"].pk if given["unit"] else None,
        assisting=[unit.pk for unit in given["assisting"]],
        legal_basis=given["legal_basis"],
        since=given["since"],
        now=asked.now,
        by=asked.by,
    )
    return Done(_("已登记。"), f"/administration/directory/of/{made.pk}")


def _set_effect(row: Directory | None, given: dict[str, Any], asked: Asked) -> Effect:
    matter = Matter.objects.get(pk=given["matter"])
    territory = Unit.objects.get(code=given["territory"])
    lead = named(given["unit"]) or _("事发地的镇街")
    before = Directory.objects.filter(matter=matter.pk, territory=territory, valid_to=None).first()
    told = {"since": given["since"], "matter": named(matter), "place": named(territory), "lead": lead}
    lines = [_("%(since)s 起%(place)s的“%(matter)s”由%(lead)s主办;已派出的件不变。") % told]
    if before:
        lines.append(
            _("以前由%(lead)s主办(%(since)s 起),到那天为止。")
            % {"lead": lead_name(before), "since": before.valid_from}
        )
    if given["level"] == "city":
        lines.append(_("市级主办的,全市都由它办。"))
    return Effect(tuple(lines))


def _end(row: Directory, given: dict[str, Any], asked: Asked) -> Done:
    directory_end(row=row.pk, on=given["on"], now=asked.now, by=asked.by)
    return Done(_("已登记。"))


def _open(row: Directory) -> bool:
    return row.valid_to is None


DirectoryRows.list_actions = (
    Action("set", gettext_lazy("登记一行"), ADMINISTRATOR, _set, SetForm, _set_effect),
)
DirectoryRows.actions = (
    Action("change", gettext_lazy("从某日起改"), ADMINISTRATOR, _set, SetForm, _set_effect, open_to=_open),
    Action(
        "end",
        gettext_lazy("从某日起不再由它办"),
        ADMINISTRATOR,
        _end,
        lambda row, data, asked: EndForm(data),
        warning=gettext_lazy("从那天起这类件到协调台,由人派。"),
        danger=True,
        open_to=_open,
    ),
)
