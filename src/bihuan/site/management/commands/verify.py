"""bihuan verify: walk the whole ledger and every stored file and message; name the first place of each stream that does not fit."""

from __future__ import annotations

import json
import resource
import time
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from bihuan.kernel.attachments.services import attachments_verify
from bihuan.kernel.cases.models import Case
from bihuan.kernel.exchange.selectors import messages_verify
from bihuan.kernel.ledger.faults import Fault
from bihuan.kernel.ledger.keys import statements_read
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verifier import keys_read
from bihuan.kernel.ledger.verify import ledger_verify


class Command(BaseCommand):
    help = "Verify the ledger and the stored files. Exit status 1 when anything does not fit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--without-files", action="store_true", help="leave out the stored files")
        parser.add_argument(
            "--without-texts", action="store_true", help="leave out the personal texts beside the ledger"
        )

    def handle(self, **options: Any) -> None:
        begun = time.perf_counter()
        verified = ledger_verify(private=not options["without_texts"])
        files = () if options["without_files"] else attachments_verify()
        messages = messages_verify()
        result = {
            "entries": verified.entries,
            "streams": verified.streams,
            "sealed": verified.sealed,
            "seals": verified.seals,
            "sealed_at": verified.sealed_at,
            "seconds": round(time.perf_counter() - begun, 3),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
            "remarks": keys_read(statements_read())[2],
            "faults": faults_told(verified.faults),
            "files": [{"sha256": fault.sha256, "what": fault.what} for fault in files],
            "messages": [asdict(fault) for fault in messages],
        }
        self.stdout.write(json.dumps(result, ensure_ascii=False) if options["json"] else _lines(result))
        if verified.faults or files or messages:
            raise SystemExit(1)


def faults_told(faults: tuple[Fault, ...]) -> list[dict[str, Any]]:
    """Each fault with its stream, entry and words; one in a case's stream with the case's number too, if it is there."""
    cases = {fault.stream: int(fault.stream[5:]) for fault in faults if fault.stream.startswith("case:")}
    with kernel_writes():
        numbers = dict(Case.objects.filter(pk__in=cases.values()).values_list("pk", "number"))
    told = []
    for fault in faults:
        line: dict[str, Any] = {"stream": fault.stream, "entry": fault.seq, "what": fault.what}
        if fault.stream in cases:
            line["case"] = numbers.get(cases[fault.stream])
        told.append(line)
    return told


def _lines(result: dict[str, Any]) -> str:
    lines = [
        f"{result['entries']:,} entries in {result['streams']:,} streams,"
        f" {result['seconds']:.2f} s, peak memory {result['peak_mb']:.0f} MB",
        f"{result['sealed']:,} of them sealed by {result['seals']:,} seals, last at {result['sealed_at'] or 'no time'}",
    ]
    lines += [f"NOTE {remark}" for remark in result["remarks"]]
    for fault in result["faults"]:
        case = f" ({fault['case'] or 'no such case'})" if "case" in fault else ""
        lines.append(f"FAULT {fault['stream']}{case} entry {fault['entry']}: {fault['what']}")
    lines += [f"FAULT file {fault['sha256']}: {fault['what']}" for fault in result["files"]]
    lines += [
        f"FAULT message of {one['peer']} ({one['direction']}) {one['thread']}: {one['what']}"
        for one in result["messages"]
    ]
    count = len(result["faults"]) + len(result["files"]) + len(result["messages"])
    lines.append(f"{count} faults" if count else "Every entry and every file fits.")
    return "\n".join(lines)
