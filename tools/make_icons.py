"""Draws the icons that a telephone shows for the installed app, from the same strokes as `bihuan.svg`.

`python -m tools.make_icons` writes them into src/bihuan/site/static.
"""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageDraw

STATIC = Path(__file__).resolve().parents[1] / "src/bihuan/site/static"
BLUE, WHITE = "#0f4c9c", "#ffffff"
FINE = 4
"""Drawn so many times larger, then made smaller: smooth edges."""
GRID = 24
"""The drawing's own units, as in the SVG: an open ring around (12, 12) and a dot where it closes."""


def icon(size: int, *, margin: float) -> Image.Image:
    """The mark in white on blue, `margin` of the side left free around it; a launcher may cut a maskable one to a circle."""
    side = size * FINE
    image = Image.new("RGB", (side, side), BLUE)
    pen = ImageDraw.Draw(image)
    unit = side * (1 - 2 * margin) / GRID

    def at(x: float, y: float) -> tuple[float, float]:
        return side * margin + x * unit, side * margin + y * unit

    def dot(x: float, y: float, radius: float) -> None:
        (px, py), r = at(x, y), radius * unit
        pen.ellipse((px - r, py - r, px + r, py + r), fill=WHITE)

    for step in range(1, 3001):  # the pen's round tip, drawn along the ring
        turn = math.radians(step * 317 / 3000)
        dot(12 + 8.5 * math.cos(turn), 12 + 8.5 * math.sin(turn), 1.4)
    dot(20.2, 8.6, 2.4)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def main() -> None:
    """Write them all."""
    for name, size, margin in (
        ("icon-192", 192, 0.12),
        ("icon-512", 512, 0.12),
        ("icon-maskable-512", 512, 0.22),
    ):
        icon(size, margin=margin).save(STATIC / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
