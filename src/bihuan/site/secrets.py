"""The site's secret key: made once, kept in a file that only its owner reads."""

import os
import secrets
from pathlib import Path


def secret_key(home: Path) -> str:
    """BIHUAN_SECRET_KEY, else the content of `home`/secret_key, which is made (mode 600) when missing."""
    given = os.environ.get("BIHUAN_SECRET_KEY")
    if given:
        return given
    path = home / "secret_key"
    home.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    key = secrets.token_urlsafe(50)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key)
    return key
