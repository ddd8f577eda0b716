"""A year's scale: on line, permits and pilots, each of how many; nothing of nothing is "–"."""

from __future__ import annotations

import pytest

from bihuan.kernel.identity.scope import scope_apply
from bihuan.packs.onewindow.applying.scale import Scale, scale_counted, scale_figures
from bihuan.packs.onewindow.platforms.taking import application_hand_in
from tests.packs.onewindow.conftest import FOOD, PERSON, Window
from tests.walks import EVERYTHING


@pytest.mark.django_db
def test_a_years_scale_is_counted_each_of_how_many(window: Window) -> None:
    assert scale_counted(now=window.now) == Scale(0, 0, 0, 0, 0, 0)
    assert (
        scale_figures(now=window.now)["S2-49"]
        == "网上 – (0 / 0) 件,满意 – (0 / 0),综合许可证 0 张,一业一证 – (0 / 0)"
    )
    window.decided()
    application_hand_in(
        given={
            **PERSON, "item": FOOD, "materials": {"1": "present", "3": "present", "4": "present"}, "way": "accept",
            "remark": "", "external_id": "GM-1",
        },
        by=window.people["fang"],
        now=window.now,
    )  # fmt: skip
    scope_apply(EVERYTHING)
    found = scale_counted(now=window.now)
    assert (found.taken, found.online, found.issued, found.permits) == (2, 1, 1, 0)
    assert "50.0% (1 / 2)" in scale_figures(now=window.now)["S2-49"]
    window.later(days=366)
    assert scale_counted(now=window.now).taken == 0
