"""Points and outlines, as in GeoJSON: longitude before latitude, in degrees. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Ring = Sequence[Sequence[float]]


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
