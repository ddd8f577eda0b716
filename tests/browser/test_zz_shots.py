import sys
from pathlib import Path
sys.path.insert(0, "/work/main")
from tests.browser.conftest import *
from tests.desk.conftest import City
import pytest
def test_shots(open_as, present):
    city = City(present)
    from bihuan.packs.hotline.services import order_take
    from tests.stories.cast import REFUND
    with transaction.atomic():
        for n in range(7):
            order_take(data={**REFUND}, by=city.people["li"], now=present)
        order_take(data={"text":"说不清","phone":"19900000001"}, by=city.people["li"], now=present)
    for lang, code in (("zh","zh-CN"),("en","en")):
        for w in (1280, 375):
            page = open_as("tang", width=w, language=code)
            page.goto(page.home + "/hotline/new?phone=19900000001")
            if lang == "en" and page.get_by_role("button", name="English").count(): page.get_by_role("button", name="English").click()
            page.screenshot(path=f"/tmp/shot_new_{lang}_{w}.png", full_page=True)
            page.locator("[name=phone]").fill("138")
            page.locator("main .btn-primary").first.click()
            page.locator(".refusal").wait_for()
            page.screenshot(path=f"/tmp/shot_bad_{lang}_{w}.png", full_page=True)
            page.goto(page.home + "/hotline/figures")
            page.screenshot(path=f"/tmp/shot_fig_{lang}_{w}.png", full_page=True)
