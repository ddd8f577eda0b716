"""`python -m tools.soak [MINUTES] [--seed N] [--orders N]`: load and random kills, then a verdict as one JSON object.

The web, the worker of jobs, PostgreSQL and whoever seals the ledger are killed with kill -9 while orders come through the API
under idempotency keys, cases are handled, and citizens report. At the end everything acknowledged must be there exactly once,
what the clocks tell and what notices say exactly once, numbers without gaps; a seal was made meanwhile, every entry of the run
is sealed, each kept seal fits, and `bihuan verify` passes. Exit status 1 otherwise.

Nothing waits for a number of seconds to be over: a busy machine takes longer and comes to the same verdict.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from tools.soak.clients import PEOPLE, ROUND, Load
from tools.soak.seals import Sealer
from tools.soak.site import Site

POSTING, REPORTING = 2, 1
STUCK_SECONDS = 900
"""So long nothing at all may get on before it counts as standing still."""
LOOK_SECONDS = 3


def main() -> None:
    """Soak, judge, print."""
    parser = ArgumentParser(
        prog="soak", description="Random kills under load; everything acknowledged must be there, once."
    )
    parser.add_argument("minutes", nargs="?", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of what is killed when")
    parser.add_argument("--orders", type=int, default=100, help="that are there before")
    parser.add_argument("--keep", action="store_true", help="keep the folder, to look into it")
    wanted = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bihuan-soak-"))
    site = Site(folder, wanted.orders)
    try:
        found = _soaked(site, wanted.minutes, random.Random(wanted.seed))
        print(json.dumps({"seed": wanted.seed, **found}, ensure_ascii=False, indent=1), flush=True)
    finally:
        site.stop()
        if not wanted.keep:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(not found["passed"])


def _soaked(site: Site, minutes: float, chance: random.Random) -> dict[str, Any]:
    _say(f"starting a site of its own in {site.folder}")
    site.start()
    load = Load(site.address, {person: site.checked("token", "create", person).strip() for person in PEOPLE})
    site.script("tools.soak.hasten", str(minutes)).check_returncode()
    sealer = Sealer(site)
    threads = [threading.Thread(target=load.work, args=line, daemon=True) for line in _work(load, sealer)]
    for thread in threads:
        thread.start()
    _kill_at_random(site, load, sealer, minutes, chance)
    _say("no more kills; waiting until everything asked for is answered and nothing is left to do")
    load.ended.set()
    faults = {"clients_without_an_end": _ended(threads, load), "clients_died": load.died}
    faults |= {"not_whole": site.wait_whole(STUCK_SECONDS), "left_undone": _left(site)}
    figures = {"minutes": minutes, "kills": dict(site.kills), "told": dict(load.told.most_common())}
    return {**figures, **_judged(site, load, sealer, faults)}


def _work(load: Load, sealer: Sealer) -> list[tuple[Any, ...]]:
    posting = [(load.post_orders, random.Random(seed)) for seed in range(POSTING)]
    reporting = [(load.report_publicly, random.Random(100 + seed)) for seed in range(REPORTING)]
    steps = [(load.take_steps, *line) for line in ROUND]
    return [*posting, *reporting, *steps, (sealer.seal_again_and_again, load.ended)]


def _kill_at_random(site: Site, load: Load, sealer: Sealer, minutes: float, chance: random.Random) -> None:
    """Three kills of four come once something got on since the last one, the fourth while the site is coming back.

    Goes on past the minutes until there is something of each kind to judge by.
    """
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        time.sleep(min(chance.uniform(4, 20), max(end - time.monotonic(), 0)))
        if killed := site.kill_one(chance):
            _say(f"killed: {killed}; acknowledged so far: {load.acknowledged}, seals {sealer.seals}")
        before = load.done
        if chance.random() < 0.75:
            _until(partial(_is_more, load, before))
    _until(lambda: all(load.acknowledged.values()) and sealer.seals > 0)


def _is_more(load: Load, than: int) -> bool:
    return load.done > than


def _ended(threads: list[threading.Thread], load: Load) -> list[str]:
    _until(lambda: not any(thread.is_alive() for thread in threads), lambda: (load.done, len(load.unknown)))
    return [thread.name for thread in threads if thread.is_alive()]


def _left(site: Site) -> list[str]:
    """What was due by now and is not done: waited for as long as it grows less."""
    now = datetime.now(UTC).isoformat()
    looks: list[dict[str, int]] = []

    def look() -> bool:
        told = site.script("tools.soak.judge", "--left", now).stdout
        looks.append(json.loads(told) if told else {"no answer": sys.maxsize})
        return not any(looks[-1].values())

    _until(look, lambda: min((sum(found.values()) for found in looks), default=None))
    return [f"{name}: {count}" for name, count in looks[-1].items() if count]


def _until(is_done: Callable[[], bool], progress: Callable[[], Any] = lambda: None) -> None:
    """Wait until it is done, or `progress` has not changed for a quarter of an hour."""
    seen, at = progress(), time.monotonic()
    while not is_done() and time.monotonic() - at < STUCK_SECONDS:
        time.sleep(LOOK_SECONDS)
        if progress() != seen:
            seen, at = progress(), time.monotonic()


def _judged(site: Site, load: Load, sealer: Sealer, faults: Mapping[str, list[str]]) -> dict[str, Any]:
    seals, sealed = sealer.seals, sealer.last_words()
    told = site.folder / "acknowledged.json"
    told.write_text(json.dumps(load.told_of(), ensure_ascii=False), encoding="utf-8")
    judge = site.script("tools.soak.judge", str(told))
    judged: dict[str, Any] = json.loads(judge.stdout) if judge.stdout else {"judge": [judge.stderr[-2000:]]}
    counted = {name: judged.pop(name, {}) for name in ("found", "missing", "twice")}
    verified = site.run("verify", "--json")
    verify: dict[str, Any] = (
        json.loads(verified.stdout) if verified.stdout else {"faults": [verified.stderr[-2000:]]}
    )
    wrong = {name: what for name, what in {**faults, **sealed, **judged}.items() if what}
    acknowledged = {**load.acknowledged, "seals": seals}
    proven = all(acknowledged.values()) and verify.get("seals", 0) >= seals
    return {
        "acknowledged": acknowledged, "never_answered": len(load.unknown), **counted, "faults": wrong,
        "verify": {name: verify.get(name) for name in ("entries", "sealed", "seals", "faults", "files", "messages")},
        "passed": proven and not wrong and not any([*counted["missing"].values(), *counted["twice"].values()])
        and verified.returncode == 0,
    }  # fmt: skip


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
