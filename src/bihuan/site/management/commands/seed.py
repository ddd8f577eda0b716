"""`bihuan seed`: the demonstration city, its text model and its orders in all states of the loop."""

from __future__ import annotations

import multiprocessing
import time
from argparse import ArgumentParser
from collections import Counter
from datetime import date, datetime, timedelta
from queue import Empty
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.cases.sweeping import clocks_sweep
from bihuan.kernel.desk.boards.rolling import opened_roll_up
from bihuan.kernel.desk.lists.counts import closed_roll_up
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import day_of
from bihuan.lib.memory import collected_seldom
from bihuan.lib.text import SHANGHAI
from bihuan.packs.fire import demonstration as fire
from bihuan.packs.hotline.demonstration.loading import Run, Tally, model_train, run_begin, run_end, run_part
from bihuan.packs.hotline.demonstration.samples import samples_play, scores_play
from bihuan.packs.onewindow.demonstration.exchange import exchange_play
from bihuan.packs.onewindow.demonstration.hall import hall_play
from bihuan.packs.onewindow.demonstration.lives import window_play
from bihuan.packs.onewindow.demonstration.online import online_play
from bihuan.packs.onewindow.demonstration.themes import themes_play
from bihuan.site.city.load import city_add, city_lacks, city_load

YEAR_ORDERS, YEAR_DAYS, MONTH_DAYS = 151_404, 365, 30
TOLD_EVERY = 1.0


class Command(BaseCommand):
    """Load what is not there yet; a load that was stopped goes on where it was."""

    help = "载入演示城市与演示工单；中断后再次运行即从中断处继续"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many orders, of which time."""
        parser.add_argument("--orders", type=int, help="工单数(默认 2000)")
        parser.add_argument("--year", action="store_true", help="一年的 151404 件")
        parser.add_argument("--until", help="截止日期(含),默认今天;--year 默认昨天")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--missing", action="store_true", help="只补上以前版本没有的人员和规则")
        parser.add_argument("--jobs", type=int, help="同时写入的进程数(默认 1,--year 为 2)")

    def handle(
        self,
        *_args: Any,
        orders: int | None,
        year: bool,
        until: str | None,
        seed: int,
        jobs: int | None,
        missing: bool,
        **_options: Any,
    ) -> None:
        """Load the city, then the orders; a failure of a scripted move ends in an error."""
        if not settings.DEMONSTRATION:
            raise CommandError(
                _("这里不载入演示数据:演示人员的口令是公开的。确要载入,请设 BIHUAN_DEMONSTRATION=1。")
            )
        if missing:
            city_complete(now=timezone.now(), tell=self._tell)
            return
        begun, now = time.monotonic(), timezone.now().astimezone(SHANGHAI)
        tally = seed_load(
            count=orders if orders is not None else YEAR_ORDERS if year else 2_000,
            days=YEAR_DAYS if year else MONTH_DAYS,
            until=_until(until, year=year, now=now),
            seed=seed,
            jobs=jobs or (2 if year else 1),
            now=now,
            tell=self._tell,
        )
        if tally is None:
            self._tell(_("这些工单已经载入，没有新增。"))
            return
        spent = time.monotonic() - begun
        self._tell(
            _("载入 %(orders)d 件、%(moves)d 步，用时 %(seconds).0f 秒。")
            % {"orders": tally.orders, "moves": tally.moves, "seconds": spent}
        )
        if tally.failures:
            shown = "\n".join(f"  {count} × {what}" for what, count in tally.failures.most_common(10))
            raise CommandError(
                _("有 %(count)d 步未能办理：") % {"count": sum(tally.failures.values())} + "\n" + shown
            )

    def _tell(self, line: str) -> None:
        self.stderr.write(line)
        self.stderr.flush()


def _until(text: str | None, *, year: bool, now: datetime) -> datetime:
    """The moment up to which things have happened: now, or the midnight that ends the day given."""
    try:
        last = date.fromisoformat(text) if text else day_of(now) - timedelta(days=1) if year else day_of(now)
    except ValueError as error:
        raise CommandError(_("日期应写作 2026-01-31。")) from error
    return min(
        now.replace(microsecond=0),
        datetime.combine(last + timedelta(days=1), datetime.min.time(), tzinfo=SHANGHAI),
    )


@collected_seldom()
def seed_load(
    *,
    count: int,
    days: int,
    until: datetime,
    seed: int,
    jobs: int,
    now: datetime,
    tell: Any = lambda line: None,
) -> Tally | None:
    """City, model and orders, as far as they are not there. None when a finished load had the same figures."""
    if not Unit.objects.exists():
        with transaction.atomic():
            city_load(now=now, tell=tell)
    else:
        city_complete(now=now, tell=tell)
    tell(_("综合窗口 …"))
    for play in (window_play, hall_play, themes_play, online_play, exchange_play):
        with transaction.atomic():
            play(until=until)
    tell(_("文本模型 …"))
    model_train(until=day_of(now), now=now)
    run = run_begin(count=count, seed=seed, until=until, days=days, parts=jobs)
    if run is None:
        return None
    tally = _together(run, tell) if run.parts > 1 else run_part(run, tell=_Progress(run, tell))
    tell(_("到期检查 …"))
    clocks_sweep(now=run.until)
    tell(_("抽访和考核 …"))
    samples_play(until=run.until, seed=seed)
    scores_play(until=run.until)
    yesterday = run.until.astimezone(SHANGHAI).date() - timedelta(days=1)
    closed_roll_up(last=yesterday)
    opened_roll_up(last=yesterday)
    run_end(run, tally)
    tell(_("消防审验项目 …"))
    fire.demonstration_load(now=run.until)
    return tally


def city_complete(*, now: datetime, tell: Any) -> None:
    """What an earlier release's city lacks; nothing when it lacks nothing."""
    if city_lacks():
        with transaction.atomic():
            tell(_("演示城市补上:%s") % "、".join(city_add(now=now)))


class _Progress:
    """A line a second: orders, moves, rate and the time that is left."""

    def __init__(self, run: Run, tell: Any) -> None:
        self.run, self.tell, self.begun, self.told = run, tell, time.monotonic(), 0.0

    def __call__(self, orders: int, moves: int) -> None:
        spent = time.monotonic() - self.begun
        if spent - self.told < TOLD_EVERY:
            return
        self.told = spent
        share = orders / max(self.run.total, 1)
        left = spent / share * (1 - share) if share else 0.0
        self.tell(
            f"{orders:>8,} / {self.run.total:,}  {moves:>10,} 步  {moves / spent:>6,.0f} 步/秒  剩余约 {left:.0f} 秒"
        )


def _together(run: Run, tell: Any) -> Tally:
    """The parts of a run side by side: each has its own days, so that their numbers do not wait for each other."""
    context = multiprocessing.get_context("fork")
    queue: Any = context.Queue()
    connections.close_all()
    workers = [context.Process(target=_part, args=(run, part, queue)) for part in range(run.parts)]
    for worker in workers:
        worker.start()
    reached = dict.fromkeys(range(run.parts), (0, 0))
    progress, tally, ended = _Progress(run, tell), Tally(), 0
    while ended < run.parts:
        part, orders, moves, failures = _next_report(queue, workers)
        reached[part] = (orders, moves)
        progress(*map(sum, zip(*reached.values(), strict=True)))
        if failures is not None:
            tally.add(Tally(orders, moves, failures))
            ended += 1
    for worker in workers:
        worker.join()
    return tally


def _next_report(queue: Any, workers: list[Any]) -> tuple[int, int, int, Counter[str] | None]:
    """The next report of a worker; CommandError when one died."""
    while True:
        try:
            report: tuple[int, int, int, Counter[str] | None] = queue.get(timeout=2)
            return report
        except Empty as error:
            if any(worker.exitcode not in (None, 0) for worker in workers):
                for worker in workers:
                    worker.terminate()
                raise CommandError(_("载入中断；再次运行即从中断处继续。")) from error


def _part(run: Run, part: int, queue: Any) -> None:
    tally = run_part(run, part=part, tell=lambda orders, moves: queue.put((part, orders, moves, None)))
    queue.put((part, tally.orders, tally.moves, tally.failures))
    connections.close_all()
