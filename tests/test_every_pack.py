"""Conformance: what every pack keeps, whatever its field. A folder with a `pack.py` is tested by being there."""

from __future__ import annotations

import ast
import csv
import importlib
import inspect
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import JSONField, TextField
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.kernel import published
from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.scope import NOBODY, scope_apply
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import PACKS, Pack, pack_names, packs, roles
from bihuan.kernel.policies.selectors import policy_in_force
from bihuan.kernel.workflow.model import ACTORS, STATIONS, SYSTEM, Workflow
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError
from tests import paths, snapshots, walks
from tests.walks import ADMINISTRATORS, OUTSIDER, Taken, Undone, World

ROOT = Path(__file__).resolve().parents[1]
PROMISES = ROOT.parent / "shared/spec/promises.tsv"
WORKFLOWS = [(name, workflow) for name in pack_names() for workflow in packs()[name].workflows]

every_pack = pytest.mark.parametrize("name", pack_names())
NEWEST = [
    (name, flow) for name in pack_names() for flow in dict.fromkeys(w.name for w in packs()[name].workflows)
]
every_loop = pytest.mark.parametrize(
    ("name", "flow"), [pytest.param(n, f, id=n if n == f else f"{n}-{f}") for n, f in NEWEST]
)
"""Each kind of case that a pack has, in its newest version."""
every_workflow = pytest.mark.parametrize(
    ("name", "workflow"), [pytest.param(n, w, id=f"{n}-{w.key.replace('/', '-')}") for n, w in WORKFLOWS]
)


def test_every_workflow_is_as_it_was_locked() -> None:
    assert published.fingerprint_faults() == []


def test_the_drawn_pages_are_up_to_date() -> None:
    assert published.pages_stale() == [], "run: bihuan workflow docs"


def test_a_role_means_the_same_in_every_pack() -> None:
    seen = {}
    for pack in packs().values():
        for role in pack.roles:
            assert seen.setdefault(role.code, role) == role


def test_a_kind_of_clock_is_called_the_same_in_every_pack() -> None:
    """A page tells a clock by its kind alone."""
    seen: dict[str, str] = {}
    for pack in packs().values():
        for kind, label in pack.clock_labels.items():
            assert seen.setdefault(kind, label) == label, kind


@every_pack
def test_a_pack_that_keeps_words_of_cases_forgets_them(name: str) -> None:
    """A table of the pack with a case and free text, as words or JSON, needs `Pack.forget`."""
    keeping = [
        model.__name__
        for model in apps.get_app_config(name).get_models()
        if any(field.related_model is Case for field in model._meta.fields)
        and any(isinstance(field, (TextField, JSONField)) for field in model._meta.fields)
    ]
    assert not keeping or packs()[name].forget, keeping


def test_numbers_of_different_packs_cannot_be_the_same() -> None:
    formats = [pack.number_format for pack in packs().values()]
    samples = {f.write(serial=7, on=date(2026, 3, 2), item=_item(f.item_pattern)) for f in formats if f}
    assert len(samples) == len(formats)


def _item(pattern: str) -> str:
    from re import fullmatch

    return next((sample for sample in ("1", "1" * 31) if fullmatch(pattern, sample)), "1")


@every_pack
def test_the_pack_says_what_it_is(name: str) -> None:
    pack = packs()[name]
    assert pack.name == name
    assert pack.label and pack.label_en.isascii()
    assert pack.number_format is not None
    assert (PACKS / name / "README.md").read_text(encoding="utf-8").startswith("# ")
    assert all(workflow.key.count("/") == 1 for workflow in pack.workflows)
    assert all(callable(change) for change in (*pack.on_step.values(), *pack.writers.values()))
    steps = {step for workflow in pack.workflows for step in workflow.by_code}
    assert {*pack.on_step, *pack.writers} <= steps


@every_workflow
def test_states_steps_and_roles_are_told_in_words(name: str, workflow: Workflow) -> None:
    declared = {role.code: role for role in packs()[name].roles}
    for thing in (*workflow.states, *workflow.steps):
        assert thing.label.strip() and not thing.label.isascii(), thing.code
    used = {role for step in workflow.steps for role in step.by} - set(ACTORS.values())
    assert used | workflow.roles <= declared.keys()
    for role in declared.values():
        assert role.label.strip() and not role.label.isascii()
        assert role.label_en.strip() and role.label_en.isascii()
    assert {state.station for state in workflow.states} <= {code for code, _ in STATIONS}
    asks = [ask for step in workflow.steps for ask in step.asks]
    assert all(ask.label.strip() for ask in asks)
    assert all(ask.choices for ask in asks if ask.kind == "choice")


@every_pack
@pytest.mark.django_db
def test_every_clock_that_is_started_has_its_rule(name: str, now: datetime) -> None:
    pack = packs()[name]
    every: set[str] = set()
    for workflow in pack.workflows:
        effects = [e for step in workflow.steps for e in step.does]
        effects += [*workflow.opening, *(workflow.joint.opening if workflow.joint else ())]
        started = {effect.what for effect in effects if effect.verb == "start"}
        assert {e.what for e in effects if e.verb in ("stop", "pause", "resume", "extend")} <= started
        every |= started
    assert every == pack.clocks.keys()
    for code in [
        *(code for bases in pack.clocks.values() for code in bases.values()),
        *([pack.levels] if pack.levels else []),
    ]:
        assert policy_in_force(code=code, region="371502", on=now.date()).value


@every_workflow
@pytest.mark.skipif(find_spec("bihuan.kernel.notices.services") is None, reason="notices cannot be sent yet")
@pytest.mark.django_db
def test_every_notice_that_a_step_sends_has_its_words(name: str, workflow: Workflow) -> None:
    modules = [importlib.import_module(module) for module in _modules("bihuan.kernel.notices")]
    missing = next(m.templates_missing for m in modules if hasattr(m, "templates_missing"))
    effects = [e for step in workflow.steps for e in step.does]
    effects += [*workflow.opening, *(workflow.joint.opening if workflow.joint else ())]
    assert not missing({effect.what for effect in effects if effect.verb == "notify"})


def _modules(package: str) -> list[str]:
    folder = Path(importlib.import_module(package).__file__ or "").parent
    return [f"{package}.{path.stem}" for path in sorted(folder.glob("*.py")) if path.stem != "__init__"]


@every_pack
def test_every_promise_is_one_of_the_sources_and_has_a_test(name: str) -> None:
    promises = packs()[name].promises
    assert len({promise.id for promise in promises}) == len(promises)
    for promise in promises:
        assert promise.phrase and promise.test, promise.id
        assert node_exists(promise.test), f"{promise.id} names {promise.test}, which is not there"
    if PROMISES.exists():
        with PROMISES.open(encoding="utf-8") as file:
            known = {row["id"] for row in csv.DictReader(file, delimiter="\t")}
        assert {promise.id for promise in promises} <= known


def node_exists(node: str) -> bool:
    """Is there a test with this node id, `file::function`?"""
    file, _, name = node.partition("::")
    path = ROOT / file
    if not path.is_file():
        return False
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(n, ast.FunctionDef) and n.name == name.partition("[")[0] for n in ast.walk(tree))


def test_a_node_is_found_only_when_it_is_there() -> None:
    here = "tests/test_every_pack.py"
    assert node_exists(f"{here}::test_a_node_is_found_only_when_it_is_there")
    assert not node_exists(f"{here}::test_that_nobody_wrote")
    assert not node_exists("tests/no_such_file.py::test_a_node_is_found_only_when_it_is_there")


# Walks over real cases.

_paths: dict[str, dict[tuple[str, str], walks.Path]] = {}


@pytest.fixture
def world(name: str, flow: str, db: None, now: datetime) -> World:
    return World(name, now, flow)


def paths_of(world: World) -> dict[tuple[str, str], walks.Path]:
    if world.workflow.key not in _paths:
        _paths[world.workflow.key] = paths.paths_found(world)
    return _paths[world.workflow.key]


@every_loop
def test_every_state_can_be_come_to_by_allowed_steps(name: str, flow: str, world: World) -> None:
    reached = {state for _, state in paths_of(world)}
    assert reached == {state.code for state in world.workflow.states}


@every_loop
def test_a_case_can_be_closed_from_everywhere(name: str, flow: str, world: World) -> None:
    for kind, state in sorted(paths_of(world)):
        case = world.arrive(kind, paths_of(world)[kind, state])
        assert snapshots.case_row(case)["state"] == state
        assert paths.closing_path(world, case) is not None, f"{kind} case in {state} cannot be closed"
        after = snapshots.snapshot(case)
        assert after["row"]["closed_at"]
        assert [c for c in after["clocks"] if c["stopped_at"] is None] == []
        assert snapshots.stream_faults(case) == ()


@every_loop
def test_a_step_is_refused_to_whoever_may_not_take_it(name: str, flow: str, world: World) -> None:
    refused = 0
    for (kind, state), path in paths_of(world).items():
        case = world.arrive(kind, path)
        before = snapshots.snapshot(case)
        people = {username for username in world.person if username in CAST} | {by.by for by in path if by.by}
        for step in world.workflow.leaving[state]:
            for username in sorted(people):
                if world.may(username, step, before["row"]):
                    continue
                with pytest.raises(NotPermitted):
                    world.force(case, step, username)
                refused += 1
            if SYSTEM not in step.by:
                with pytest.raises(NotPermitted):
                    world.force(case, step, "")
        assert snapshots.snapshot(case) == before, f"a refused step changed a case in {state}"
    assert refused > len(world.workflow.steps)


CAST = ("li", "zhou", "wang", "chen", "sun", "zhao", "liu", "tang", OUTSIDER, *ADMINISTRATORS)


@every_loop
def test_outsiders_and_administrators_change_nothing(name: str, flow: str, world: World) -> None:
    for (kind, state), path in paths_of(world).items():
        case = world.arrive(kind, path)
        before = snapshots.snapshot(case)
        for username in (OUTSIDER, *ADMINISTRATORS):
            for step in world.workflow.steps if username == OUTSIDER else world.workflow.leaving[state][:3]:
                assert not world.may(username, step, before["row"])
                data = next(world.variants(step))
                with pytest.raises(NotFound):
                    world.take(case, Taken(step.code, username, data))
            with pytest.raises(NotPermitted):
                world.force(case, world.workflow.steps[0], username)
        assert snapshots.snapshot(case) == before, f"an outsider changed a case in {state}"


@every_loop
def test_outsiders_and_administrators_see_nothing(name: str, flow: str, world: World) -> None:
    cases = [world.arrive(kind, path) for (kind, _), path in paths_of(world).items()]
    queries = list(case_queries())
    assert len(queries) >= 9
    with kernel_writes():
        there = {query: count(query, cases) for query in queries}
    assert there["select count(*) from cases_case where id = any(%s)"] == len(cases)
    assert (
        sum(found > 0 for found in there.values()) >= 5
    )  # case, entry, private text, text, party: every pack has them
    for username in (OUTSIDER, *ADMINISTRATORS):
        world.see(username)
        assert {query for query in queries if count(query, cases)} == set(), f"{username} sees rows"
    scope_apply(NOBODY)
    assert {query for query in queries if count(query, cases)} == set()


def case_queries() -> Iterator[str]:
    """A query for every column of every table that points to a case, by foreign key or by the ledger's stream."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct conrelid::regclass::text, a.attname from pg_constraint k"
            " join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any(k.conkey)"
            " where k.contype = 'f' and k.confrelid = 'cases_case'::regclass order by 1, 2"
        )
        columns = cursor.fetchall()
    yield "select count(*) from cases_case where id = any(%s)"
    yield "select count(*) from ledger_entry where case_id = any(%s)"
    yield "select count(*) from ledger_private where stream = any(select 'case:' || unnest(%s::bigint[]))"
    for table, column in columns:
        yield f"select count(*) from {table} where {column} = any(%s)"


def count(query: str, cases: list[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, [cases])
        return int(cursor.fetchone()[0])


@every_loop
def test_no_step_leaves_a_case_with_a_unit_that_cannot_go_on(name: str, flow: str, world: World) -> None:
    stuck = set()
    for (kind, state), path in paths_of(world).items():
        case = world.arrive(kind, path)
        row = snapshots.case_row(case)
        for step in world.workflow.leaving[state]:
            if not any(effect.verb == "hold" for effect in step.does):
                continue
            for by, variant in product(world.fitting(step, row)[:1], world.variants(step)):
                try:
                    with transaction.atomic():
                        world.take(case, Taken(step.code, by, variant))
                        if paths.stranded(world, snapshots.case_row(case)):
                            stuck.add((step.code, str(variant.get("unit"))))
                        raise Undone
                except (Undone, Refusal, FieldError):
                    pass
    assert stuck == set()


@every_loop
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_walk_keeps_row_ledger_and_clocks_together(
    name: str, flow: str, world: World, data: st.DataObject
) -> None:
    try:
        with transaction.atomic():
            _walk(world, data)
            raise Undone
    except Undone:
        pass


def _walk(world: World, data: st.DataObject) -> None:
    begin = data.draw(st.sampled_from(sorted(paths_of(world))))
    case, at = world.arrive(begin[0], paths_of(world)[begin]), world.now
    before = snapshots.snapshot(case)
    for _ in range(data.draw(st.integers(1, 8))):
        steps = world.workflow.leaving[before["row"]["state"]]
        if not steps:
            break
        step = data.draw(st.sampled_from(steps))
        people = world.fitting(step, before["row"])
        if not people:
            continue
        taken = Taken(step.code, data.draw(st.sampled_from(people)), data.draw(world.generated(step)))
        at += timedelta(hours=data.draw(st.integers(0, 60)))
        try:
            with transaction.atomic():
                world.take(case, taken, at)
        except (Refusal, FieldError) as refusal:
            if isinstance(refusal, FieldError) and refusal.rule != "unknown_case":
                raise  # what is made from the declaration is never refused by it
            assert snapshots.snapshot(case) == before, f"{taken.step} was refused but changed the case"
        else:
            before = walks.moved_check(world, case, taken, before)


def test_packs_are_folders_with_a_manifest() -> None:
    assert pack_names() == tuple(sorted(p.name for p in PACKS.iterdir() if (p / "pack.py").is_file()))
    assert all(isinstance(pack, Pack) for pack in packs().values())
    assert {role.code for pack in packs().values() for role in pack.roles} <= roles().keys()


@every_workflow
def test_every_guard_is_a_sentence(name: str, workflow: Workflow) -> None:
    guards = {guard for step in workflow.steps for guard in step.when}
    for guard in guards:
        sentence = inspect.getdoc(guard) or ""
        assert sentence.endswith("。"), guard.__name__
        assert guard.__module__ == f"bihuan.packs.{name}.rules" or guard.__module__.startswith(
            "bihuan.kernel."
        )
