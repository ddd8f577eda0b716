"""An export of the ledger is verified by its own verifier with nothing but the standard library; any tampering is named."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger import sealing
from bihuan.kernel.ledger.exporting import entries_export
from bihuan.kernel.ledger.keys import key_rotate, statements_read
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotFound
from tests.walks import Taken, World

pytestmark = pytest.mark.django_db
ALONE = [sys.executable, "-I", "-S"]
"""Without packages, without the user's folder, without PYTHONPATH."""


@pytest.fixture
def case(settings: Any, tmp_path: Path, now: Any) -> Case:
    """A case of three entries, sealed under two keys, in an export unpacked at tmp_path/export."""
    settings.KEY_ROOT, settings.SEAL_ROOT = tmp_path / "keys", tmp_path / "seals"
    world = World("hotline", now)
    opened = world.open("lead")
    world.take(opened, Taken("dispatch", "li", {"unit": world.unit["371502_market"]}))
    sealing.seal_take(now=now)
    key_rotate(now=now, by="operator", reason="每年更换")
    world.take(opened, Taken("sign_for", "wang", {}))
    with kernel_writes():
        case = Case.objects.get(pk=opened)
    out = StringIO()
    call_command("ledger", "export", "--case", case.number, "--to", str(tmp_path / "export.zip"), stdout=out)
    assert out.getvalue().startswith("3 entries with 2 seals in ")
    assert json.loads(statements_read()[0]["body"])["key"] in out.getvalue()
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        archive.extractall(tmp_path / "export")
    return case


def verified(*arguments: str | Path) -> tuple[int, str]:
    done = subprocess.run(
        [*ALONE, *map(str, arguments)], cwd="/", capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_an_export_is_verified_without_us(case: Case, tmp_path: Path) -> None:
    assert verified(tmp_path / "export/verify.py") == (0, "3 entries, everything fits\n")
    first = json.loads(statements_read()[0]["body"])["key"]
    kept = tmp_path / "kept.json"
    with kernel_writes():
        seals = sealing.seals_read()
    kept.write_text(json.dumps({"seal": sealing.seal_plain(seals[0])}))
    given = [tmp_path / "export/verify.py", tmp_path / "export.zip", "--key", first, "--seal", kept]
    assert verified(*given) == (0, "3 entries, everything fits\n")
    kept.write_text(json.dumps({"seal": {**sealing.seal_plain(seals[0]), "signature": "00" * 64}}))
    code, said = verified(*given)
    assert (code, "the seal 1 that you kept is not in this export" in said) == (1, True)
    code, said = verified(tmp_path / "export/verify.py", "--key", "0" * 32)
    assert (code, "the first key is not the one that you know" in said) == (1, True)


def test_no_word_of_anybody_is_in_an_export(case: Case, tmp_path: Path) -> None:
    bodies = [json.loads(line) for line in (tmp_path / "export/entries.jsonl").read_bytes().splitlines()]
    assert [(one["stream"], one["seq"]) for one in bodies] == [(f"case:{case.pk}", seq) for seq in (1, 2, 3)]
    with kernel_writes():
        from bihuan.kernel.ledger.models import LedgerPrivate

        texts = {t for t in LedgerPrivate.objects.values_list("text", flat=True) if t and len(t) > 3}
    whole = b"".join(path.read_bytes() for path in (tmp_path / "export").iterdir()).decode()
    assert texts and not any(text in whole for text in texts)


def swapped(lines: list[bytes]) -> list[bytes]:
    return [lines[1], lines[0], *lines[2:]]


def edited(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1].replace(b'"step":"dispatch"', b'"step":"despatch"'), *lines[2:]]


def unsigned(lines: list[bytes]) -> list[bytes]:
    seals = [json.loads(line) for line in lines]
    seals[0]["signature"] = seals[1]["signature"]
    return [json.dumps(seal).encode() for seal in seals]


@pytest.mark.parametrize(
    ("file", "change", "words"),
    [
        ("entries.jsonl", edited, "entry 2: it is not what was sealed"),
        ("entries.jsonl", lambda lines: lines[:-1], "there are 2 entries and 3 proofs"),
        ("entries.jsonl", lambda lines: [*lines, lines[-1]], "there are 4 entries and 3 proofs"),
        ("entries.jsonl", swapped, "it does not follow entry"),
        ("proofs.jsonl", swapped, "it is not what was sealed"),
        ("seals.jsonl", swapped, "seal 1 does not follow the one before"),
        ("seals.jsonl", lambda lines: lines[:1], "it is not what was sealed"),
        ("seals.jsonl", unsigned, "the signature of seal 1 does not fit"),
    ],
)  # fmt: skip
def test_each_kind_of_tampering_is_named(
    case: Case, tmp_path: Path, file: str, change: Callable[[list[bytes]], list[bytes]], words: str
) -> None:
    path = tmp_path / "export" / file
    before = path.read_bytes().splitlines()
    after = change(list(before))
    assert after != before
    path.write_bytes(b"\n".join(after) + b"\n")
    code, said = verified(tmp_path / "export/verify.py")
    assert code == 1
    assert words in said, said
    assert "everything fits" not in said


def test_entries_and_proofs_left_out_together_are_named(case: Case, tmp_path: Path) -> None:
    for keep, words in ((slice(0, 2), "it ends at entry 3"), (slice(1, 3), "does not hold it whole")):
        other = tmp_path / f"other-{keep.start}"
        shutil.copytree(tmp_path / "export", other)
        for name in ("entries.jsonl", "proofs.jsonl"):
            lines = (other / name).read_bytes().splitlines()
            (other / name).write_bytes(b"\n".join(lines[keep]) + b"\n")
        code, said = verified(other / "verify.py")
        assert (code, words in said, "is not as it was when the export was made" in said) == (1, True, True)


def test_a_key_put_in_place_of_ours_is_named(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "export/keys.json"
    statements = json.loads(path.read_text())
    forged = json.loads(statements[1]["body"])
    forged["public"] = "11" * 32
    statements[1]["body"] = json.dumps(forged, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    path.write_text(json.dumps(statements))
    code, said = verified(tmp_path / "export/verify.py")
    assert (code, "is not announced as the one after" in said) == (1, True)
    path.write_text(json.dumps(statements[:1]))
    code, said = verified(tmp_path / "export/verify.py")
    assert (code, "the signature of seal 2 does not fit" in said) == (1, True)


def test_what_is_no_export_is_said(case: Case, tmp_path: Path) -> None:
    (tmp_path / "export/seals.jsonl").unlink()
    code, said = verified(tmp_path / "export/verify.py")
    assert (code, said.startswith("FAULT the export cannot be read")) == (1, True)


def test_streams_from_a_day_on(case: Case, tmp_path: Path, now: Any) -> None:
    to = tmp_path / "since.zip"
    done = entries_export(since=now - timedelta(days=1), now=now, to=to)
    with kernel_writes():
        firsts = LedgerEntry.objects.filter(at__gte=now - timedelta(days=1)).count()
    assert done.entries >= firsts > 3
    assert verified(tmp_path / "export/verify.py", to) == (0, f"{done.entries} entries, everything fits\n")
    with pytest.raises(NotFound):
        entries_export(since=now + timedelta(days=1), now=now, to=tmp_path / "none.zip")
    assert not (tmp_path / "none.zip").exists()


def test_what_differs_from_its_seal_is_not_exported(case: Case, tmp_path: Path, now: Any) -> None:
    register_append(stream="model", kind="noted", at=now, by="system", data={})
    to = tmp_path / "unsealed.zip"
    from bihuan.kernel.ledger.exporting import stream_export
    from bihuan.lib.refusals import Refusal

    with pytest.raises(Refusal, match="还没有封印"):
        stream_export(stream="model", now=now, to=to)
    with pytest.raises(CommandError, match="no case"):
        call_command("ledger", "export", "--case", "RX0", "--to", str(to))
    assert not to.exists()
    before = (tmp_path / "export.zip").read_bytes()
    with pytest.raises(CommandError, match="已有这个文件"):
        call_command("ledger", "export", "--case", case.number, "--to", str(tmp_path / "export.zip"))
    assert (tmp_path / "export.zip").read_bytes() == before
