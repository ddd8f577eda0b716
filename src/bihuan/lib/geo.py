"""Points and outlines, as in GeoJSON: longitude before latitude, in degrees. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Ring = Sequence[Sequence[float]]
POINT = re.compile(r"(?<![\d.])(\d{1,2}\.\d{3,12})\s*[,， ]\s*(\d{2,3}\.\d{3,12})(?![\d.])")
SOUTH, NORTH, WEST, EAST = 3.0, 54.0, 73.0, 136.0
"""China's bounds: other pairs of numbers in a text are no place."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the map, in degrees (WGS 84)."""

    latitude: float
    longitude: float

    def __str__(self) -> str:
        return f"{self.latitude:.5f}, {self.longitude:.5f}"

    @property
    def uri(self) -> str:
        """The address that a telephone opens in its own map, with a pin (RFC 5870; `q` is what Android marks)."""
        pair = f"{self.latitude:.5f},{self.longitude:.5f}"
        return f"geo:{pair}?q={pair}"


def point_in(text: str) -> Point | None:
    """The first point that a text names, latitude before longitude as people write it; None without one in China."""
    for found in POINT.finditer(text):
        latitude, longitude = float(found[1]), float(found[2])
        if SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST:
            return Point(latitude, longitude)
    return None


def holds(geometry: Mapping[str, Any], longitude: float, latitude: float) -> bool:
    """Does a Polygon or MultiPolygon hold this point? Its holes do not."""
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return any(
        _encloses(rings[0], longitude, latitude)
        and not any(_encloses(hole, longitude, latitude) for hole in rings[1:])
        for rings in polygons
    )


def _encloses(ring: Ring, x: float, y: float) -> bool:
    """A ray to the east crosses the ring an odd number of times."""
    inside = False
    for (x1, y1, *_), (x2, y2, *_) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
