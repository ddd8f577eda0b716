"""Points: read from what people write, and told to a telephone."""

from __future__ import annotations

import pytest

from bihuan.lib.geo import Point, point_in


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("东昌府区(地图点位 36.45000, 115.98500)", Point(36.45, 115.985)),
        ("柳园南路66号 东昌府区(地图点位 36.45678, 115.98543)", Point(36.45678, 115.98543)),
        ("位置36.4512，115.9876附近", Point(36.4512, 115.9876)),
        ("1.0000, 2.0000 之后是 36.4512 115.9876", Point(36.4512, 115.9876)),
        ("柳园南路66号", None),
        ("", None),
        ("金额 12.345, 678.900", None),
        ("36.4, 115.9", None),
        ("90.1234, 115.9876", None),
        ("136.4512, 115.9876", None),
        ("IP 36.4512.1, 115.9876", None),
    ],
)
def test_a_point_is_read_where_a_text_names_one(text: str, point: Point | None) -> None:
    assert point_in(text) == point


def test_a_point_is_told_as_people_write_it_and_read_again() -> None:
    point = Point(36.456789, 115.98543)
    assert str(point) == "36.45679, 115.98543"
    assert point_in(str(point)) == Point(36.45679, 115.98543)
    assert point.uri == "geo:36.45679,115.98543?q=36.45679,115.98543"
