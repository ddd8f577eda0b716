"""The site's secret key: made once, kept in a file that only its owner reads, with those before it in another.

With it sessions are signed, one-time-code secrets encrypted, and the codes made by which citizens follow their cases.
"""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

GIVEN = "BIHUAN_SECRET_KEY"


def secret_key(home: Path) -> str:
    """BIHUAN_SECRET_KEY, else the content of `home`/secret_key, which is made (mode 600) when missing."""
    given = os.environ.get(GIVEN)
    if given:
        return given
    home.mkdir(parents=True, exist_ok=True)
    try:
        return _made(home / "secret_key")
    except FileExistsError:
        return (home / "secret_key").read_text(encoding="ascii")


def secret_keys_before(home: Path) -> list[str]:
    """Keys that still open what was made with them, the latest first: BIHUAN_SECRET_KEYS_BEFORE (commas), or the file."""
    given = os.environ.get("BIHUAN_SECRET_KEYS_BEFORE", "")
    path = home / "secret_keys_before"
    kept = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    return [key for key in (*given.split(","), *kept) if key]


def secret_rotate(home: Path, *, keep: bool) -> tuple[str, Callable[[], None]]:
    """A new key, and what puts it in place of the present one, which goes on opening what was made with it if `keep`.

    ValueError when the key comes from the environment: then it is changed there.
    """
    if os.environ.get(GIVEN):
        raise ValueError(
            f"{GIVEN} is set: change it there, and put the one before into BIHUAN_SECRET_KEYS_BEFORE."
        )
    present, before = secret_key(home), secret_keys_before(home)
    made, kept = home / "secret_key.new", home / "secret_keys_before.new"
    for unfinished in (made, kept):
        unfinished.unlink(missing_ok=True)
    _made(kept, "".join(f"{key}\n" for key in ([present, *before] if keep else [])))
    key = _made(made)

    def put() -> None:
        kept.rename(home / "secret_keys_before")
        made.rename(home / "secret_key")

    return key, put


def _made(path: Path, text: str | None = None) -> str:
    """Write `text`, or a new key, into a new file of mode 600. FileExistsError when it is there."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    text = secrets.token_urlsafe(50) if text is None else text
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
    return text
