"""`python -m tools.soak [MINUTES] [--seed N] [--orders N]`: load and random kills, then a verdict as one JSON object.

The web, the worker of jobs and PostgreSQL are killed with kill -9 while orders come through the API under idempotency keys,
cases are handled, and citizens report. At the end everything acknowledged must be there exactly once, what the clocks tell
and what notices say exactly once, numbers without gaps, and `bihuan verify` must pass. Exit status 1 otherwise.
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
from pathlib import Path
from typing import Any

from tools.soak.clients import PEOPLE, ROUND, Load
from tools.soak.site import Site

POSTING, REPORTING = 2, 1


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
    finally:
        site.stop()
        if not wanted.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps({"seed": wanted.seed, **found}, ensure_ascii=False, indent=1))
    sys.exit(not found["passed"])


def _soaked(site: Site, minutes: float, chance: random.Random) -> dict[str, Any]:
    _say("starting a site of its own")
    site.start()
    load = Load(
        site.address, {person: site.run("token", "create", person).stdout.strip() for person in PEOPLE}
    )
    _checked(site.script("tools.soak.hasten", str(minutes)), "hasten")
    threads = [threading.Thread(target=run, args=args, daemon=True) for run, *args in _work(load)]
    for thread in threads:
        thread.start()
    _kill_at_random(site, minutes, chance)
    load.ended.set()
    for thread in threads:
        thread.join(150)
    whole = site.wait_whole()
    time.sleep(130)  # two rounds of the clock after the last death: what is late now stays late
    return {**_figures(site, load, minutes), **whole, **_judged(site, load)}


def _work(load: Load) -> list[tuple[Any, ...]]:
    posting = [(load.post_orders, random.Random(seed)) for seed in range(POSTING)]
    reporting = [(load.report_publicly, random.Random(100 + seed)) for seed in range(REPORTING)]
    return [*posting, *reporting, *[(load.take_steps, *line) for line in ROUND]]


def _kill_at_random(site: Site, minutes: float, chance: random.Random) -> None:
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        time.sleep(min(chance.uniform(4, 20), max(end - time.monotonic(), 0)))
        if killed := site.kill_one(chance):
            _say(f"killed: {killed}")


def _figures(site: Site, load: Load, minutes: float) -> dict[str, Any]:
    return {
        "minutes": minutes, "kills": dict(site.kills), "orders": len(load.orders), "reports": len(load.reports),
        "steps": len(load.steps), "never_answered": len(load.unknown), "told": dict(load.told.most_common()),
    }  # fmt: skip


def _judged(site: Site, load: Load) -> dict[str, Any]:
    acknowledged = site.folder / "acknowledged.json"
    told = {"orders": load.orders, "reports": load.reports, "steps": load.steps}
    acknowledged.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    judged = site.script("tools.soak.judge", str(acknowledged))
    if not judged.stdout:
        raise SystemExit(f"no verdict:\n{judged.stderr}")
    faults = {name: found for name, found in json.loads(judged.stdout).items() if found}
    verified = site.run("verify")
    did = bool(load.orders and load.reports and load.steps)
    return {
        "faults": faults, "verify": verified.stdout.strip().splitlines()[-1:] + verified.stderr.strip().splitlines()[-1:],
        "passed": did and not faults and verified.returncode == 0,
    }  # fmt: skip


def _checked(done: Any, what: str) -> None:
    if done.returncode:
        raise SystemExit(f"{what}: {done.stderr}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
