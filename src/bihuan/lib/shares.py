"""A share in words, always with what it is of."""


def share_told(part: int, whole: int) -> str:
    """The percentage with its fraction: "50.0% (1 / 2)"; of nothing there is no share: "– (0 / 0)"."""
    return f"{100 * part / whole:.1f}% ({part:,} / {whole:,})" if whole else "– (0 / 0)"
