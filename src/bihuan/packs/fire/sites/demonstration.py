"""Sixty-one sites of a zone for the demonstration, all made up; a few with people, devices and the readings of a day (S0: 61, over 300,000 m²)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from math import sin
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image

from bihuan.kernel.attachments.services import attachment_add
from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import Scope, day_of, scope_of
from bihuan.kernel.identity.services import UnitData
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles
from bihuan.lib.identifiers import id_check_digit
from bihuan.packs.fire.models import Attendance, Site
from bihuan.packs.fire.roles import SITE_GATEWAY, SITE_OFFICER, SITE_SUPERVISOR
from bihuan.packs.fire.sites.inspections import inspection_record
from bihuan.packs.fire.sites.kinds import CERTIFIED, ITEMS, TRADES
from bihuan.packs.fire.sites.people import WorkerGiven, worker_enroll
from bihuan.packs.fire.sites.readings import site_readings_take
from bihuan.packs.fire.sites.services import SiteGiven, site_device_enter, site_enter, site_turn
from bihuan.telemetry.services import MOST, Given

KEEPER, CONTRACTOR = "371500_hightech_build", "371502_contractor_xinguang"
SITE_UNITS = (
    UnitData(
        KEEPER, "聊城高新区建设管理部(演示)", "department", "city", "371500_hightech",
        "Liaocheng High-Tech Zone Construction Department (demonstration)",
    ),
    UnitData(CONTRACTOR, "新光建设有限公司(演示)", "external", "county", "371502", "Xinguang Construction (demonstration)"),
)  # fmt: skip
SITE_PEOPLE = (
    ("gao", "高立明", KEEPER, SITE_SUPERVISOR),
    ("an", "安志刚", CONTRACTOR, SITE_OFFICER),
    ("gateway", "设备网关", KEEPER, SITE_GATEWAY),
)
ZONE, COUNT, MUNICIPAL = "高新区", 61, 7
FIRMS = ("新光建设有限公司(演示)", "东阿路桥公司(演示)", "水城安装公司(演示)", "光岳建工公司(演示)")
OWNERS = ("鲁城化工", "光岳新材", "水城新能源", "凤凰药业")
THINGS = (
    "聚合装置", "中间罐区", "空分装置", "循环水站", "甲类仓库", "综合楼", "中控楼", "污水站", "变电所", "研发楼", "丙类厂房", "成品库",
    "原料库", "锅炉房", "宿舍楼", "食堂",
)  # fmt: skip
ROADS = ("纬一路", "纬三路", "经五路", "化工路", "管廊北段", "雨水泵站", "园区消防站")
DEVICES = (
    ("tower_crane", "T", "1号塔机"),
    ("dust", "Y", "东门扬尘"),
    ("noise", "Z", "西界噪声"),
    ("fire_water", "S", "临时消防给水"),
)
EQUIPPED = 3
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫", ("建国", "志强", "海燕", "立新", "春梅", "大勇", "永刚", "晓东")


class SiteStage:
    """The zone's people at work, up to `now`."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        with kernel_writes():
            people = dict(
                Person.objects.filter(username__in=("gao", "an", "gateway")).values_list("username", "id")
            )
            self.scopes = {name: scope_of(person=id_, at=now, roles=roles()) for name, id_ in people.items()}
            self.contractor = Unit.objects.get(code=CONTRACTOR).pk

    def play(self) -> None:
        """All that has happened so far."""
        sites = [self.enter(number, name, kind) for number, (name, kind) in enumerate(_named())]
        for number, site in enumerate(sites[:EQUIPPED]):
            self.devices(site, number)
            self.people(site, number)
            self.inspected(site, number)
        self.mended(sites[1], verified=True)
        self.mended(sites[2], verified=False)
        self.readings(sites[:EQUIPPED])

    def scope(self, username: str) -> Scope:
        return self.scopes[username]

    def enter(self, number: int, name: str, kind: str) -> Site:
        """A site at its permit, started some weeks later; two stand still."""
        permitted = day_of(self.now) - timedelta(days=420 - number * 5)
        area = None if kind == "municipal" else 3_000 + number * 379 % 6_400
        given = SiteGiven(
            name=f"{name}(演示)", kind=kind, contractor=FIRMS[0 if number < EQUIPPED else number % len(FIRMS)], zone=ZONE,
            place=f"高新区化工产业园{number + 1}号地块", permit=f"演示371500{permitted:%Y}{number:04}", permitted_on=permitted, area=area,
            supervision="齐鲁监理公司(演示)", contractor_unit=self.contractor if number < EQUIPPED else None,
            joined_on=permitted + timedelta(days=20),
        )  # fmt: skip
        site = site_enter(
            scope=self.scope("gao"), given=given, key=f"demonstration:site:{number}", now=self.now
        )
        for code, days in (("started", 20), *((("stopped", 60),) if number % 30 == 29 else ())):
            site_turn(
                scope=self.scope("gao"), site=site.pk, code=code, on=permitted + timedelta(days=days), note="", now=self.now
            )  # fmt: skip
        return site

    def devices(self, site: Site, number: int) -> None:
        """One of each kind."""
        for kind, letter, name in DEVICES:
            site_device_enter(
                scope=self.scope("gao"),
                site=site.pk,
                code=f"DEMO-{letter}{number + 1:02}",
                kind=kind,
                name=name,
                now=self.now,
            )

    def people(self, site: Site, number: int) -> None:
        """A dozen on the roll, most of them inside since this morning; one certificate soon runs out."""
        begun = self.now.replace(hour=7, minute=10) if self.now.hour >= 8 else self.now - timedelta(hours=1)
        for place in range(12):
            trade = TRADES[place % len(TRADES)][0]
            until = day_of(self.now) + timedelta(days=12 if place == 4 else 400)
            given = WorkerGiven(
                SURNAMES[(place + number) % len(SURNAMES)] + GIVEN[place * 3 % len(GIVEN)], _number(number * 12 + place), trade,
                f"{place // 4 + 1}班", f"演示T{number}{place:02}" if trade in CERTIFIED else "", until if trade in CERTIFIED else None,
            )  # fmt: skip
            worker = worker_enroll(
                scope=self.scope("an"), site=site.pk, given=given, now=begun - timedelta(days=30)
            )
            self.days(site, worker.pk, place, begun)

    def days(self, site: Site, worker: int, place: int, begun: datetime) -> None:
        """Days on the site, the last one not over for most."""
        with kernel_writes():
            Attendance.objects.bulk_create(
                Attendance(
                    site=site, worker_id=worker, entered_at=begun - timedelta(days=day, minutes=place),
                    left_at=None if day == 0 else begun - timedelta(days=day) + timedelta(hours=10),
                )
                for day in range(10, -1, -1)
                if (day + place) % 5
            )  # fmt: skip

    def inspected(self, site: Site, number: int) -> None:
        """An inspection two days ago, with one thing amiss on two of the sites."""
        results = {code: "pass" for code, _label in ITEMS} | ({"hot_work": "fail"} if number else {})
        inspection_record(
            scope=self.scope("gao"), site=site.pk, kind="routine", results=results, note="", key=f"demonstration:inspected:{number}",
            now=self.now - timedelta(days=2),
        )  # fmt: skip

    def mended(self, site: Site, *, verified: bool) -> None:
        """What the inspection found is rectified with a photograph, and on one site verified."""
        yesterday, an = self.now - timedelta(days=1), self.scope("an").person
        with kernel_writes():
            case = site.hazards.get(source="inspection").case_id
            name, picture = f"整改后{site.pk}.png", _picture(site.pk)
            attachment_add(case=case, file=picture, name=name, by=an, now=yesterday, kind="after")
            told = {"measures": "已补办动火审批,配了监护人和灭火器。"}
            case_act(case_id=case, step="rectify", by=an, now=yesterday, data=told)
            if verified:
                seen = {"seen": "现场复查,审批和监护齐全。"}
                case_act(
                    case_id=case,
                    step="verify",
                    by=self.scope("gao").person,
                    now=self.now - timedelta(hours=3),
                    data=seen,
                )

    def readings(self, sites: list[Site]) -> None:
        """A day of readings every five minutes; the first site's dust rises towards the end, the second's water fell at noon."""
        given = list(_readings(len(sites), self.now))
        for begin in range(0, len(given), MOST):
            site_readings_take(scope=self.scope("gateway"), given=given[begin : begin + MOST], now=self.now)


def _named() -> Iterator[tuple[str, str]]:
    for number in range(COUNT):
        if number >= COUNT - MUNICIPAL:
            yield f"高新区{ROADS[number - COUNT + MUNICIPAL]}工程", "municipal"
        else:
            yield f"{OWNERS[number // len(THINGS)]}{THINGS[number % len(THINGS)]}", "housing"


def _picture(shade: int) -> ContentFile[bytes]:
    out = BytesIO()
    Image.new("RGB", (320, 240), (60, 100 + shade % 100, 80)).save(out, "PNG")
    return ContentFile(out.getvalue(), "after.png")


def _number(place: int) -> str:
    """A citizen number of nobody: its county does not exist."""
    first = f"371599{1970 + place % 30}{place % 12 + 1:02}{place % 28 + 1:02}{place:03}"
    return first + id_check_digit(first)


def _readings(sites: int, now: datetime) -> Iterator[Given]:
    steps = 288
    begin = now.replace(second=0, microsecond=0) - timedelta(minutes=5 * (steps - 1))
    for step in range(steps):
        at, wave = begin + timedelta(minutes=5 * step), sin(step / 20)
        for site in range(sites):
            code = f"{site + 1:02}"
            dust = 190 + step % 7 if site == 0 and step > steps - 10 else 80 + 25 * wave
            water = 60.0 if site == 1 and 140 < step < 160 else 320 + 15 * wave
            values: tuple[tuple[str, str, float], ...] = (
                ("T", "moment", 55 + 25 * wave), ("T", "wind", 5 + 3 * sin(step / 11)), ("Y", "pm10", dust), ("Z", "level", 48 + 4 * wave),
                ("S", "pressure", water),
            )  # fmt: skip
            for letter, metric, value in values:
                yield Given(f"DEMO-{letter}{code}", metric, at, round(value, 1))


def sites_load(*, now: datetime) -> Any:
    """All of it."""
    SiteStage(now).play()
