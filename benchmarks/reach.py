"""What the figures have to reach: DESIGN §5 and the table in README.md. Rates and scores at least, all else at most."""

from __future__ import annotations

REACH: dict[str, float] = {
    "due_dates_per_s": 1_000_000,
    "dispatch_p99_ms": 50,
    "worklist_p95_ms": 50,
    "supervisor_p95_ms": 100,
    "open_worklist_p95_ms": 50,
    "open_supervisor_p95_ms": 100,
    "queue_p95_ms": 100,
    "seat_suggest_p95_ms": 150,
    "search_p95_ms": 100,
    "palette_p95_ms": 100,
    "worklist_p95_ms_1m": 50,
    "pages_p95_ms": 100,
    "pages_most_queries": 30,
    "registers_p95_ms": 100,
    "registers_most_queries": 30,
    "application_hour_p95_ms": 100,
    "application_p95_ms": 100,
    "one_window_pages_p95_ms": 100,
    "sweep_ms": 100,
    "sweep_10k_due_s": 10,
    "case_moves_per_s": 1_000,
    "case_moves_per_s_batch": 5_000,
    "numbers_per_s": 1_000,
    "race_lost": 0,
    "ledger_verify_s": 5,
    "import_year_s": 60,
    "import_open_desk_s": 2,
    "seed_year_s": 300,
    "score_month_s": 2,
    "text_model_classify_p99_ms": 10,
    "hall_call_to_screen_ms": 1_000,
}


def reached(name: str, value: float) -> bool | None:
    """Whether a figure is what it has to be; None where nothing was set."""
    if name not in REACH:
        return None
    return value >= REACH[name] if "_per_s" in name else value <= REACH[name]
