"""Outlines of the counties, for the map without tiles, and for telling where a point is."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.conf import settings

from bihuan.kernel.clocks.words import Language
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.geo import holds


@cache
def outlines() -> dict[str, Any]:
    """The counties as a GeoJSON FeatureCollection, each with its code and name."""
    counties = json.loads(settings.OUTLINES.read_text(encoding="utf-8"))["counties"]
    features = [
        {
            "type": "Feature",
            "properties": {"code": county["code"], "name": county["name"]},
            "geometry": county["geometry"],
        }
        for county in counties
    ]
    return {"type": "FeatureCollection", "features": features}


def outlines_named(language: Language) -> dict[str, Any]:
    """The same with names for readers of this language."""
    drawn = outlines()
    if language == "zh":
        return drawn
    codes = [feature["properties"]["code"] for feature in drawn["features"]]
    with kernel_writes():
        names = dict(Unit.objects.filter(code__in=codes).exclude(name_en="").values_list("code", "name_en"))
    features = [
        {**feature, "properties": {**told, "name": names.get(told["code"], told["name"])}}
        for feature in drawn["features"]
        for told in (feature["properties"],)
    ]
    return {**drawn, "features": features}


def county_at(longitude: float, latitude: float) -> str:
    """The name of the county that holds the point; "" outside all of them."""
    for feature in outlines()["features"]:
        if holds(feature["geometry"], longitude, latitude):
            return str(feature["properties"]["name"])
    return ""
