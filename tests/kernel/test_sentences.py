"""What refusals say in English: every code that the source knows has words, and `told` finds the best of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from django.utils.translation import gettext, override

from bihuan.kernel.desk.api.problems import RULES
from bihuan.kernel.sentences import SENTENCES, told
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.tables import Fault, TableError
from bihuan.lib.text import FieldError
from tools.make_catalogue import CALLS, CHINESE, SOURCE, plain_message

CODE_AT = {
    "Refusal": 0, "NotPermitted": 0, "NotFound": 0, "Conflict": 0, "ImageError": 0, "FieldError": 1, "Problem": 1,
    "TableError": 2, "Fault": 1, "_RecordBroken": 0, "_refuse": 3, "_named": 3,
}  # fmt: skip
"""Where the code stands in what makes a refusal, or in what hands it on to one."""
HANDED_ON = {
    "kernel/administration/importing.py": {"fault.rule"},
    "kernel/attachments/files.py": {"error.rule"},
    "kernel/cases/permission.py": {"guard.__name__"},
    "kernel/clocks/running.py": {"refusal.code"},
    "kernel/desk/api/steps.py": {"KINDS.get(ask.kind, 'reference')"},
    "kernel/public/services.py": {"refusal.code"},
    "lib/tables/csv_files.py": {"first.rule", "record.rule"},
    "lib/text.py": {"rule"},
    "packs/fire/api.py": {"first.rule"},
    "packs/hotline/adapters/open311_reports.py": {"fault.rule"},
    "packs/hotline/directory/upkeep.py": {"column"},
    "packs/hotline/importing/orders.py": {"f.rule", "fault.rule"},
    "packs/hotline/order_data.py": {"rule"},
    "packs/hotline/seat/settling.py": {"refusal.code"},
    "packs/onewindow/api.py": {"fault.rule", "refused.code"},
    "packs/onewindow/applying/files.py": {"refusal.code"},
    "packs/onewindow/catalogue/importing.py": {"fault.rule"},
}
"""Codes that are handed on from where they are written; a guard's words are its docstring."""


def refusals() -> Iterator[tuple[str, ast.expr, ast.Call]]:
    """File, code and call of everything that refuses."""
    files = (path for path in SOURCE.rglob("*.py") if path.parent.name != "ledger")  # its faults are English
    for path in sorted(files):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CODE_AT:
                place = CODE_AT[node.func.id]
                if len(node.args) > place + 1 or (
                    node.func.id in ("_refuse", "_named") and len(node.args) > place
                ):
                    yield str(path.relative_to(SOURCE)), node.args[place], node


def has_its_own_words(call: ast.Call) -> bool:
    """A whole sentence, or a gettext call: the catalogue has its English."""
    message = call.args[CODE_AT[call.func.id] + 1] if call.func.id not in ("_refuse", "_named") else None  # type: ignore[attr-defined]
    if isinstance(message, ast.BinOp):
        message = message.left
    marked = isinstance(message, ast.Call) and getattr(message.func, "id", "") in CALLS
    literal = marked and isinstance(message.args[0], ast.Constant)  # type: ignore[union-attr]
    return literal or bool(plain_message(call))


def test_every_refusal_can_be_told_in_english() -> None:
    found = list(refusals())
    assert len(found) > 150
    silent = [
        f"{where}:{call.lineno} {code.value}"
        for where, code, call in found
        if isinstance(code, ast.Constant) and not has_its_own_words(call) and code.value not in SENTENCES
    ]
    assert silent == []
    assert {rule for rule, _ in RULES.values()} | {"value"} <= set(SENTENCES)


def test_a_code_that_is_not_written_out_comes_from_a_known_place() -> None:
    handed: dict[str, set[str]] = {}
    for where, code, _ in refusals():
        if not isinstance(code, ast.Constant):
            handed.setdefault(where, set()).add(ast.unparse(code))
    assert handed == HANDED_ON


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_general_sentence_is_english_in_english(code: str) -> None:
    with override("en"):
        assert not CHINESE.search(str(SENTENCES[code]))


def test_told_prefers_the_exact_sentence_then_the_general_one() -> None:
    exact = Refusal("may_be_answered_at_seat", "投诉和举报要派给责任单位办理,不能在席位直接答复。")
    general = NotPermitted("not_permitted", "“派单”要由接线员来办,您没有这一权限。")
    with override("en"):
        assert (
            told(exact)
            == "Complaints and reports go to the unit responsible; they cannot be answered at the seat."
        )
        assert told(general) == "You may not take this step."
        assert told(FieldError("unit", "required", "请填写“承办单位”。")) == "This must be filled in."
        marked = FieldError(
            "unit", "unknown_unit", gettext("“%s”:没有这个单位,请从提示中选。") % "市场监管局"
        )
        assert told(marked) == "“市场监管局”: there is no such unit; choose one from the suggestions."
        assert told(TableError(3, "", "empty_header", "没有表头")) == "There is no header row."
        assert told(Fault("A", "too_few_cells", "应有3格，现有2格")) == "This row has too few cells."
        assert told(Refusal("nobody_knows", "没有译文的话")) == "没有译文的话"
    with override("zh-hans"):
        assert told(general) == general.message
        assert told(exact) == exact.message
