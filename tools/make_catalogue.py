"""Makes the English catalogue: collects every sentence that people read, keeps the translations, compiles them.

    .venv/bin/python -m tools.make_catalogue [MORE.tsv …]

Sentences are Chinese in the source: in gettext calls, in templates, in refusals that are a plain sentence, and in what
packs declare (labels, cautions, guards, the fields of their forms).
A file MORE.tsv has lines `Chinese<TAB>English` (a plural as `one|many`, without blanks beside the bar) that are put into the catalogue. What has no
translation yet is listed, and `tests/site/test_catalogue.py` fails on it.

One Chinese word may be two in English: a line `context|Chinese<TAB>English` translates it in that context alone, as of
`pgettext` and `{% translate … context … %}`. Stations, duties, and the states and steps that packs declare have
the contexts "station", "duty", "state" and "step"; such a line is for them a choice, and without one the plain word's English holds.
"""

from __future__ import annotations

import ast
import inspect
import os
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import polib

if TYPE_CHECKING:
    from bihuan.kernel.workflow.asks import Ask

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "bihuan"
CATALOGUE = SOURCE / "site" / "locale" / "en" / "LC_MESSAGES" / "django.po"
PLURAL = re.compile(r"(?<! )\|(?! )")
"""Parts the two of a plural; a bar between blanks is one that people read."""
CALLS = {
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
}
REFUSALS = {
    "Refusal": 1,
    "NotPermitted": 1,
    "NotFound": 1,
    "Conflict": 1,
    "FieldError": 2,
    "Problem": 2,
    "TableError": 3,
    "Fault": 2,
}
"""Where the message stands among what a refusal is made of."""
CHINESE = re.compile("[\u4e00-\u9fff]")
IN = "\x04"
"""Parts the context from the sentence, as in compiled catalogues."""
_WORD = r"""(?:, *)?u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
TOLD = re.compile(rf"\b(n?p?gettext)\({_WORD}(?:{_WORD})?(?:{_WORD})?")
CONTEXT = re.compile("^([a-z_]+)[|](?=[^|]*[\u4e00-\u9fff])")


def sentences() -> dict[str, str]:
    """Every sentence, and where it stands first; a plural's key is `one|many`, one in a context `context\\x04sentence`."""
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for sentence in _of_python(path.read_text(encoding="utf-8")):
            found.setdefault(sentence, str(path.relative_to(ROOT)))
    for path in sorted([*SOURCE.rglob("*.html"), *SOURCE.rglob("*.txt")]):
        for sentence in _of_template(path):
            found.setdefault(sentence, str(path.relative_to(ROOT)))
    for sentence, where in _of_packs():
        found.setdefault(sentence, where)
    return {sentence: where for sentence, where in found.items() if CHINESE.search(sentence)}


def _of_python(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        if message := plain_message(node):
            yield message
        if _name(node.func) in CALLS and node.args:
            given = [
                arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            ]
            if _name(node.func).startswith("ngettext") and len(given) > 1:
                yield f"{given[0]}|{given[1]}"
            elif given:
                yield IN.join(given[:2]) if _name(node.func).startswith("pgettext") else given[0]


def plain_message(call: ast.Call) -> str:
    """The sentence of a refusal made here, when it is written out; "" for what is put together while it runs."""
    place = REFUSALS.get(_name(call.func), len(call.args))
    given = [*call.args[place : place + 1], *(word.value for word in call.keywords if word.arg == "message")]
    if not given or not isinstance(given[0], ast.Constant):
        return ""
    message = str(given[0].value)
    return "" if "{" in message else message


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _of_template(path: Path) -> Iterator[str]:
    from django.utils.translation.template import templatize

    told = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for name, *given in TOLD.findall(told):
        words = [ast.literal_eval(word) for word in given if word]
        context = words.pop(0) + IN if "p" in name else ""
        yield context + "|".join(words[: 2 if "n" in name else 1])


def declared_words() -> Iterator[tuple[str, str]]:
    """Stations, duties, states and steps, each in its context, and where it stands: they may have English of their own."""
    from bihuan.kernel.cases.permission import DUTIES
    from bihuan.kernel.pack import packs
    from bihuan.kernel.workflow.model import STATIONS

    yield from ((f"station{IN}{label}", "src/bihuan/kernel/workflow/model.py") for _, label in STATIONS)
    yield from ((f"duty{IN}{label}", "src/bihuan/kernel/cases/permission.py") for label in DUTIES.values())
    for pack in packs().values():
        where = f"src/bihuan/packs/{pack.name}/workflow.py"
        for workflow in pack.workflows:
            yield from ((f"station{IN}{label}", where) for label in workflow.stations.values())
            yield from ((f"state{IN}{state.label}", where) for state in workflow.states)
            yield from ((f"step{IN}{step.label}", where) for step in workflow.steps)


def _of_packs() -> Iterator[tuple[str, str]]:
    from bihuan.kernel.clocks.calendar import legal_holidays
    from bihuan.kernel.pack import packs, roles
    from bihuan.kernel.workflow.model import STATIONS

    for name in dict.fromkeys(legal_holidays(2027).values()):
        yield name, "src/bihuan/kernel/clocks/calendar.py"
    for _, label in STATIONS:
        yield label, "src/bihuan/kernel/workflow/model.py"
    for role in roles().values():
        yield role.label, "src/bihuan/kernel/identity/roles.py"
    for pack in packs().values():
        yield pack.label, f"src/bihuan/packs/{pack.name}/pack.py"
        for workflow in pack.workflows:
            where = f"src/bihuan/packs/{pack.name}/workflow.py"
            yield workflow.label, where
            yield from ((label, where) for label in workflow.stations.values())
            for state in workflow.states:
                yield state.label, where
            for step in workflow.steps:
                words = (step.label, step.caution, *(quick.label for quick in step.quick))
                yield from ((word, where) for word in words if word)
                for guard in step.when:
                    yield " ".join((inspect.getdoc(guard) or "").split()), where
                yield from ((word, where) for ask in step.asks for word in _of_ask(ask))
        said = (words for promise in pack.promises for words in (promise.kept, promise.unmeasured) if words)
        yield from ((words, f"src/bihuan/packs/{pack.name}/promises.py") for words in said)
        lines = (label for kind in pack.certificates for label in kind.lines.values())
        yield from ((label, f"src/bihuan/packs/{pack.name}/pack.py") for label in lines)
        yield from ((basis, f"src/bihuan/packs/{pack.name}/policies.py") for *_, basis in pack.policies)
        yield from _of_forms(pack.name)
    yield from _of_stories()


def _of_stories() -> Iterator[tuple[str, str]]:
    from bihuan.kernel.desk.promises.stories import stories

    for story in stories().values():
        where = str(Path(inspect.getfile(story.begin)).relative_to(ROOT))
        yield from ((said, where) for said in (story.title, story.says, *(s.says for s in story.scenes)))


def _of_forms(pack: str) -> Iterator[tuple[str, str]]:
    """The fields that the `forms.py` of a pack and of its rooms declare."""
    from bihuan.kernel.workflow.asks import Ask

    for path in sorted((SOURCE / "packs" / pack).rglob("forms.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        for value in vars(import_module(".".join(parts))).values():
            if isinstance(value, tuple) and value and all(isinstance(one, Ask) for one in value):
                yield from ((word, str(path.relative_to(ROOT))) for ask in value for word in _of_ask(ask))


def _of_ask(ask: Ask) -> Iterator[str]:
    told = (label for _, label in (*ask.choices, *ask.explained))
    yield from (word for word in (ask.label, ask.help, *told) if word)


def catalogue() -> polib.POFile:
    """The catalogue as it is kept, or an empty one."""
    if CATALOGUE.exists():
        return polib.pofile(str(CATALOGUE), wrapwidth=110)
    file = polib.POFile(wrapwidth=110)
    file.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    return file


def translations(paths: list[str]) -> dict[str, str]:
    """Lines `Chinese<TAB>English` of these files; `\\n` in a line stands for a line's end."""
    found = {}
    for path in paths:
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            if "\t" in line:
                chinese, english = line.replace("\\n", "\n").split("\t", 1)
                found[CONTEXT.sub(rf"\1{IN}", chinese.strip())] = english.strip()
    return found


def _labels() -> dict[str, str]:
    """Packs and roles bring their English with them."""
    from bihuan.kernel.pack import packs, roles

    return {one.label: one.label_en for one in (*packs().values(), *roles().values())}


def main(paths: list[str]) -> int:
    """Make the catalogue anew; the number of sentences without a translation is the exit code's reason."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.site.settings")
    import django

    django.setup()
    known = {_key(entry): entry for entry in catalogue()}
    more = _labels() | translations(paths)
    fresh = catalogue()
    fresh.clear()
    chosen = {word: where for word, where in declared_words() if word in known or word in more}
    for sentence, where in sorted((chosen | sentences()).items(), key=lambda item: (item[1], item[0])):
        fresh.append(_entry(sentence, where, known.get(sentence), more.get(sentence)))
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(CATALOGUE))
    fresh.save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
    missing = [entry for entry in fresh if not entry.translated()]
    for entry in missing:
        print(f"{entry.occurrences[0][0]}\t{_key(entry)!r}")
    print(f"{len(fresh)} sentences, {len(missing)} without English", file=sys.stderr)
    return 1 if missing else 0


def _key(entry: polib.POEntry) -> str:
    sentence = f"{entry.msgid}|{entry.msgid_plural}" if entry.msgid_plural else str(entry.msgid)
    return f"{entry.msgctxt}{IN}{sentence}" if entry.msgctxt else sentence


def _entry(sentence: str, where: str, known: polib.POEntry | None, english: str | None) -> polib.POEntry:
    entry = polib.POEntry(occurrences=[(where, "")], flags=["python-format"] if "%(" in sentence else [])
    context, _, sentence = sentence.rpartition(IN)
    entry.msgctxt = context or None
    one, *many = PLURAL.split(sentence, maxsplit=1)
    if many and CHINESE.search(many[0]):
        entry.msgid, entry.msgid_plural = one, many[0]
        parts = english.split("|", 1) if english else None
        told = dict(enumerate(parts)) if parts else (known.msgstr_plural if known else {0: "", 1: ""})
        entry.msgstr_plural = told
    else:
        entry.msgid = sentence
        entry.msgstr = english or (known.msgstr if known else "")
    return entry


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
