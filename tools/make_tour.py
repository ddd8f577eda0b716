"""Takes the README's pictures: serves a demonstration city of its own, walks through it in Chromium, in both languages.

    ./dev shots [NAME …]

The pictures go to `docs/tour/{zh,en}/NAME.jpg`; without names, all are taken. Needs Debian's chromium.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from bihuan.lib.text import SHANGHAI

ROOT = Path(__file__).resolve().parents[1]
TOUR = ROOT / "docs" / "tour"
FONTS = ROOT / "src/bihuan/site/static/vendor"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
]
PASSWORD = "Bihuan-2026"
ORDERS = 600
LANGUAGES = {"zh": "zh-CN", "en": "en-US"}
DESK, PHONE = (1280, 800), (390, 844)
WORDS = {
    "zh": ("热线办理调度会", "区政府三楼会议室"),
    "en": ("Dispatch meeting of the hotline", "District government, third floor"),
}
"""Subject and place of the meeting that is convened for its picture."""
LARGEST = 150_000  # bytes of a picture
QUALITIES = (82, 74, 66, 58, 50)

Go = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: `who` ("": a visitor) opens `address`, does `then`, and the window is taken."""

    name: str
    who: str
    address: str
    size: tuple[int, int] = DESK
    then: Go | None = None


def _typing(page: Any) -> None:
    page.locator("#field-text").fill("东昌府区柳园街道一家商场卖的空调有毛病,商家答应退货退款,一直不退。")
    page.locator("#field-text").press("End")
    page.locator(".seat-proposed").wait_for()


def _first_case(page: Any) -> None:
    page.locator("a[href^='/cases/']").first.click()
    page.wait_for_load_state("networkidle")


def _first_row(page: Any) -> None:
    page.locator("main tbody a").first.click()
    page.locator("main canvas, main svg").first.wait_for()
    page.wait_for_timeout(1000)  # the chart grows


def _evaluation(page: Any) -> None:
    """The evaluation that is under way."""
    _first_case(page)
    page.locator("a[href*='/fire/evaluations/']").first.click()
    page.wait_for_load_state("networkidle")


def _first_sample(page: Any) -> None:
    page.locator("main table a").first.click()
    page.wait_for_load_state("networkidle")


def _convened(page: Any) -> None:
    """A meeting whose agenda is drawn from what is open now."""
    words = WORDS[page.evaluate("document.documentElement.lang")[:2]]
    at = datetime.now(SHANGHAI) + timedelta(days=1)
    page.locator("main select[name=kind]").select_option(index=1)
    for name, value in (("subject", words[0]), ("place", words[1]), ("at", f"{at:%Y-%m-%d}T09:00")):
        page.locator(f"main [name={name}]").fill(value)
    page.locator("main form button.btn-primary").click()
    page.wait_for_load_state("networkidle")


def _drawn(page: Any) -> None:
    """The map and the charts are there."""
    page.locator(".board canvas, .board svg").first.wait_for()
    page.wait_for_timeout(1000)  # the charts grow


def _story(page: Any) -> None:
    page.locator("#next form button").click()
    for _ in range(6):
        page.locator("#next form button.btn-primary").click()
        page.wait_for_load_state("networkidle")
    page.evaluate("scrollTo(0, 0)")


SHOTS = (
    Shot("seat", "li", "/hotline/new", then=_typing),
    Shot("mine", "wang", "/mine", PHONE),
    Shot("case", "wang", "/?tab=unit", then=_first_case),
    Shot("head", "sun", "/head"),
    Shot("tenth", "sun", "/hotline/samples", then=_first_sample),
    Shot("review", "zhao", "/home"),
    Shot("overview", "tang", "/overview"),
    Shot("worklist", "tang", "/?tab=all"),
    Shot("board", "tang", "/boards/hotline", then=_drawn),
    Shot("scores", "tang", "/scores"),
    Shot("supervision", "tang", "/supervision/"),
    Shot("meeting", "tang", "/meetings/new", then=_convened),
    Shot("hall", "cheng", "/onewindow/hall"),
    Shot("themes", "shen", "/onewindow/themes"),
    Shot("site", "gao", "/fire/sites", then=_first_row),
    Shot("evaluation", "yan", "/?tab=mine", PHONE, then=_evaluation),
    Shot("administration", "admin", "/administration"),
    Shot("report", "", "/public/report", PHONE),
    Shot("promises", "", "/promises"),
    Shot("story", "", "/promises/refund", then=_story),
)


def main(names: list[str]) -> int:
    """Take the pictures named, or all. Returns the exit code."""
    unknown = set(names) - {shot.name for shot in SHOTS}
    if unknown:
        print(
            f"no such picture: {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in SHOTS)}",
            file=sys.stderr,
        )
        return 2
    with tempfile.TemporaryDirectory(prefix="bihuan-tour-") as folder:
        _font_placed(Path(folder))
        with _site(Path(folder)) as home, _browser(Path(folder)) as browser:
            for shot in (shot for shot in SHOTS if not names or shot.name in names):
                for language in LANGUAGES:
                    _take(browser, home, shot, language)
    return 0


def _font_placed(folder: Path) -> None:
    """Debian's chromium alone has no Chinese glyphs."""
    fonts = folder / "share" / "fonts"
    fonts.mkdir(parents=True)
    for font in FONTS.glob("*.otf"):
        shutil.copy(font, fonts)


@contextmanager
def _site(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "BIHUAN_HOME": str(folder / "home")}
    command = [sys.executable, "-m", "bihuan.site", "up", "--port", str(port), "--orders", str(ORDERS)]
    with (folder / "up.log").open("w+") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/login", process, folder / "up.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(log.read_text())
        try:
            urllib.request.urlopen(address, timeout=5)
            return
        except OSError:
            time.sleep(1)
    raise SystemExit(log.read_text())


@contextmanager
def _browser(folder: Path) -> Iterator[Any]:
    os.environ["XDG_DATA_HOME"] = str(folder / "share")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def _take(browser: Any, home: str, shot: Shot, language: str) -> None:
    width, height = shot.size
    context = browser.new_context(viewport={"width": width, "height": height}, locale=LANGUAGES[language])
    try:
        page = context.new_page()
        if shot.who:
            page.goto(home + "/login")
            page.locator("input[name=username]").fill(shot.who)
            page.locator("input[name=password]").fill(PASSWORD)
            page.locator("main form button.btn-primary").click()
            page.wait_for_load_state("networkidle")
            other = page.locator(f"button[name=language][lang|='{language}']")
            if other.count():
                other.click()
                page.wait_for_load_state("networkidle")
        page.goto(home + shot.address)
        if shot.then:
            shot.then(page)
        page.wait_for_load_state("networkidle")
        target = TOUR / language / f"{shot.name}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_picture(page))
        print(target.relative_to(ROOT), re.sub(r"\s+", " ", page.title()))
    finally:
        context.close()


def _picture(page: Any) -> bytes:
    """The window in the best quality that keeps the file small."""
    taken = b""
    for quality in QUALITIES:
        taken = page.screenshot(type="jpeg", quality=quality)
        if len(taken) <= LARGEST:
            break
    return taken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
