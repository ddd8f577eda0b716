"""Writing a file so that it appears under its name only when it is complete."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """A temporary file beside `path` that takes its place when the block ends well; otherwise it is removed.

    ValueError, in Chinese, when `path` is a folder, or its folder is missing or not open for writing.
    """
    target = Path(path)
    if target.is_dir():
        raise ValueError(f"{target} 是文件夹，不能写成文件")
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name, suffix=".tmp")
    except OSError as error:
        raise ValueError(f"文件 {target} 写不了：文件夹不存在或没有写入的权限") from error
    os.close(handle)
    try:
        yield Path(name)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink()
        raise
