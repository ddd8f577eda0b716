"""A share in words, always with what it is of."""


def share_told(part: int, whole: int) -> str:
    """The percentage with its fraction: "50.0% (1 / 2)"; of nothing there is no share: "– (0 / 0)"."""
    return f"{100 * part / whole:.1f}% ({part:,} / {whole:,})" if whole else "– (0 / 0)"


def share_shown(part: int, whole: int) -> dict[str, str]:
    """The same for a figure of a page: the percentage as its `value`, the fraction as its `note`."""
    value, _, note = share_told(part, whole).partition(" (")
    return {"value": value, "note": note.rstrip(")")}
