"""The working calendar: a year as twelve months, and publishing it with its effect on the clocks that run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bihuan.kernel.administration.forms import Drawn, LineField, TextField, number_field
from bihuan.kernel.administration.hours import hours_words
from bihuan.kernel.administration.importing import LARGEST, number_read
from bihuan.kernel.administration.policy_values import rule_of
from bihuan.kernel.administration.services import calendar_change
from bihuan.kernel.administration.shape import Action, Asked, Change, Column, Done, Effect, Kind, Mark, Table
from bihuan.kernel.administration.year import (
    Days,
    days_of_file,
    days_read,
    days_written,
    legal_days,
    legal_days_missing,
    months_of,
)
from bihuan.kernel.cases.sweeping import Move, clocks_moved
from bihuan.kernel.clocks.calendar import Calendar, day_number, day_of
from bihuan.kernel.clocks.models import CalendarDay, CalendarYear
from bihuan.kernel.clocks.rulebook import HOURS, hours_dated, rulebook
from bihuan.kernel.ledger.selectors import RegisterEntry, register_entries
from bihuan.kernel.policies.selectors import policy_rows
from bihuan.kernel.sentences import english, told
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError

SHOWN = 12
"""So many clocks are shown by way of example."""


class Calendars(Kind):
    """For the system administrator on the day when the State Council's notice comes: the year, and what it moves."""

    name = "calendar"
    label = gettext_lazy("工作日历")
    about = gettext_lazy("各年的放假和调休。国务院办公厅公布后录入,没公布的年份按法定节假日暂定。")
    group = "rules"
    roles = ("system_admin",)
    stream = "calendar"
    columns = (
        Column("year", gettext_lazy("年份")),
        Column("state", gettext_lazy("状态")),
        Column("off", gettext_lazy("放假天数"), number=True),
        Column("made_up", gettext_lazy("调休上班天数"), number=True),
        Column("worked", gettext_lazy("工作日"), number=True),
        Column("source", gettext_lazy("依据")),
        Column("changed_at", gettext_lazy("登记时间")),
        Column("days", gettext_lazy("放假和调休的日子"), screen=False),
    )
    import_columns = ("year", "source", "days")
    import_roles = roles
    page_template = "administration/year.html"

    def rows(self, asked: Asked) -> Any:
        return CalendarYear.objects.order_by("-year")

    def cells(self, rows: Sequence[CalendarYear], asked: Asked) -> list[tuple[Any, ...]]:
        days = _days([row.year for row in rows])
        return [_cells(row, days[row.year]) for row in rows]

    def key(self, row: CalendarYear) -> str:
        return str(row.year)

    def found(self, key: str, asked: Asked) -> CalendarYear | None:
        known = key.isascii() and key.isdecimal() and len(key) == 4
        return CalendarYear.objects.filter(year=int(key)).first() if known else None

    def title(self, row: CalendarYear) -> str:
        return _("%s 年") % row.year

    def facts(self, row: CalendarYear, asked: Asked) -> list[tuple[Any, Any]]:
        return [*super().facts(row, asked), (_("每天的办公时间"), _hours_words(row.year))]

    def history(self, row: CalendarYear, asked: Asked) -> list[RegisterEntry]:
        own = register_entries(stream=self.stream, match={"year": row.year})
        loaded = register_entries(stream=self.stream, match={}, kinds=("calendar_loaded",))
        return own + loaded

    def entry_lines(self, entry: RegisterEntry) -> list[tuple[Any, Any]]:
        if entry.kind != "calendar_published":
            return []
        return [
            (_("依据"), entry.data["source"]),
            (_("放假天数"), len(entry.data["off"])),
            (_("调休上班天数"), len(entry.data["working"])),
        ]

    def row_import(self, values: Mapping[str, str], asked: Asked) -> Change:
        year = number_read(values["year"], "year")
        days, faults = days_read(values["days"], year)
        if faults:
            raise Refusal("days", faults[0], field="days")
        row = CalendarYear.objects.filter(year=year).first()
        was = _days([year])[year] if row else {}
        if row and (row.source, row.published and was) == (values["source"], days):
            return Change("same", str(year))
        if row and not row.published and not days:
            return Change("same", str(year), _("还没有公布"))
        calendar_change(year=year, days=days, source=values["source"], now=asked.now, by=asked.by)
        return Change("changed" if row else "new", str(year), _differing_words(_differing(year, was, days)))

    def page_context(self, row: CalendarYear, asked: Asked) -> dict[str, Any]:
        return {"months": months_of(row.year, _days([row.year])[row.year]), "published": row.published}


def _days(years: Sequence[int]) -> dict[int, Days]:
    """The days of these years that differ from their weekday; of provisional ones the legal days off as well."""
    found: dict[int, Days] = {year: {} for year in years}
    for row in CalendarYear.objects.filter(year__in=years, published=False):
        found[row.year] |= {day: (False, name) for day, name in legal_days(row.year).items()}
    for day in CalendarDay.objects.filter(
        date__year__gte=min(years, default=0), date__year__lte=max(years, default=0)
    ):
        if day.date.year in found:
            found[day.date.year][day.date] = (day.working, day.name)
    return found


def _cells(row: CalendarYear, days: Days) -> tuple[Any, ...]:
    months = months_of(row.year, days)
    kinds = [day.kind for month in months for day in month.days]
    return (
        row.year,
        Mark(_("已公布"), "done") if row.published else Mark(_("暂定"), "near"),
        kinds.count("off"),
        kinds.count("made_up"),
        kinds.count("work") + kinds.count("made_up"),
        row.source,
        row.changed_at,
        days_written(days) if row.published else "",
    )


class YearForm(Drawn):
    """The year, the notice and its days."""

    data: Any
    year = number_field(gettext_lazy("年份"), 2004, 2100)
    source = LineField(
        label=gettext_lazy("公布的文件"),
        max_length=300,
        help_text=gettext_lazy("如:国务院办公厅关于2027年部分节假日安排的通知(国办发明电〔2026〕× 号)"),
    )
    file = forms.FileField(
        label=gettext_lazy("日历文件"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.xls,.json"}),
        help_text=gettext_lazy(
            "CSV 或 Excel 要有 date(日期)、kind(放假或上班)、name(节日)三列;JSON 也可以。选了文件就不用填下面的框。"
        ),
    )
    days = TextField(
        label=gettext_lazy("放假和调休的日子"),
        max_length=8_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=gettext_lazy(
            "一行一天或一段:2027-01-01,放假,元旦;2027-02-05~2027-02-11,放假,春节;2027-02-20,上班,春节。可从表格粘贴。"
        ),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        file = given.pop("file", None)
        if "year" in given and (file or "days" in given):
            self._days_take(given, file)
        return given

    def _days_take(self, given: dict[str, Any], file: Any) -> None:
        """The days of the file if one was sent, which then stand in the box as if typed; else those of the box."""
        name = "file" if file else "days"
        try:
            days, faults = (
                days_of_file(file.read(LARGEST + 1), given["year"])
                if file
                else days_read(given["days"], given["year"])
            )
        except (Refusal, FieldError) as refusal:
            days, faults = {}, [told(refusal)]
        if not days and not faults:
            faults = [_("请选择文件,或列出放假和调休的日子。")]
        for fault in faults:
            self.add_error(name, fault)
        if file and not faults:
            self.data = self.data.copy()
            self.data["days"] = days_written(days)
        given["days"] = days


def _form(row: CalendarYear | None, data: Any, asked: Asked) -> YearForm:
    if row is None:
        first = CalendarYear.objects.filter(published=False).order_by("year").first()
        return YearForm(data, asked.files, initial={"year": first.year if first else None})
    text = days_written(_days([row.year])[row.year], *(() if english() else ("上班", "放假")))
    source = row.source if row.published else ""
    form = YearForm(data, asked.files, initial={"year": row.year, "source": source, "days": text})
    form.fields["year"].disabled = True
    return form


def _publish(row: CalendarYear | None, given: dict[str, Any], asked: Asked) -> Done:
    calendar_change(
        year=given["year"], days=given["days"], source=given["source"], now=asked.now, by=asked.by
    )
    message = _("%s 年已公布;受影响的到期时间正在后台重算,每件都记入账本。") % given["year"]
    return Done(message)


def calendar_with(year: int, days: Days) -> Calendar:
    """The calendar as it would be if this year were published so."""
    years = dict(CalendarYear.objects.values_list("year", "published")) | {year: True}
    known = {day.date: day.working for day in CalendarDay.objects.exclude(date__year=year)}
    return Calendar.build(
        known | {day: works for day, (works, _name) in days.items()},
        published=[one for one, published in years.items() if published],
        provisional=[one for one, published in years.items() if not published],
        later=hours_dated([row for row in policy_rows() if row.code == HOURS], settings.REGION),
    )


def calendar_effect(row: CalendarYear | None, given: Mapping[str, Any], asked: Asked) -> Effect:
    """How many due times of running clocks would move, and the days that change."""
    year, days = given["year"], given["days"]
    moved = clocks_moved(calendar=calendar_with(year, days), year=year, now=asked.now)
    earlier = sum(1 for one in moved.found if one.after < one.before)
    was, will = _kinds(year, _days([year])[year]), _kinds(year, days)
    changed = _differing(year, _days([year])[year], days)
    lines = (
        _("看了 %(seen)s 个在走的时限:%(moved)s 个到期时间会变,其中 %(earlier)s 个提前、%(later)s 个推后。")
        % {
            "seen": moved.seen,
            "moved": len(moved.found),
            "earlier": earlier,
            "later": len(moved.found) - earlier,
        },
        _differing_words(changed),
        _("已办结的和上级定死的到期时间不变;每个变动都是账本里的一条。"),
    )
    cautions = tuple(_("%s 是法定节假日,名单里却要上班。") % day for day in legal_days_missing(days, year))
    examples = tuple(
        (_clock_words(one), _minute(one.before), _minute(one.after)) for one in moved.found[:SHOWN]
    )
    tables = []
    if changed:
        words = {"work": _("上班"), "made_up": _("上班"), "off": _("放假"), "weekend": _("休息")}
        rows = tuple((str(day), words[was[day]], words[will[day]]) for day in changed[:60])
        tables.append(Table(_("不同的日子"), (_("日期"), _("现在"), _("改后")), rows))
    if examples:
        tables.append(Table(_("会变的到期时间(举例)"), (_("时限"), _("现在"), _("改后")), examples))
    return Effect(lines, tuple(tables), cautions)


def _clock_words(move: Move) -> str:
    code = next((row.code for row in policy_rows() if row.pk == move.rule), "")
    return str(rule_of(code).label) if code else move.kind


def _minute(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def _differing(year: int, before: Days, after: Days) -> list[date]:
    """The days that are worked in one and not in the other."""
    was, will = _kinds(year, before), _kinds(year, after)
    return [day for day in was if was[day] != will[day]]


def _differing_words(days: Sequence[date]) -> str:
    words = ngettext("与现在的日历相比,%(n)s 天不同。", "与现在的日历相比,%(n)s 天不同。", len(days))
    return words % {"n": len(days)}


def _hours_words(year: int) -> str:
    """The office hours of a year, with the day of each change in it."""
    calendar, first = rulebook().calendar, day_number(date(year, 1, 1))
    turns = [hours for hours in calendar.hours if first < hours.day <= day_number(date(year, 12, 31))]
    lines = [hours_words(calendar.hours_of(first).shifts)]
    lines += [
        _("%(day)s 起 %(hours)s") % {"day": day_of(h.day), "hours": hours_words(h.shifts)} for h in turns
    ]
    return "\n".join(lines)


def _kinds(year: int, days: Days) -> dict[date, str]:
    """Worked or not, by day; a day off at a weekend is a weekend whatever it is called."""
    found = {}
    for month in months_of(year, days):
        for day in month.days:
            usual = day.date.weekday() < 5
            found[day.date] = "weekend" if day.kind == "off" and not usual else day.kind
    return found


Calendars.actions = (
    Action("publish", gettext_lazy("公布或更正"), ("system_admin",), _publish, _form, calendar_effect),
)
Calendars.list_actions = (
    Action("publish", gettext_lazy("公布一年"), ("system_admin",), _publish, _form, calendar_effect),
)
