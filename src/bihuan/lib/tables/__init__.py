"""Tables that people bring: CSV in the encodings of real life, Excel, both also packed; read row by row.

A broken row is a row with faults, never a stop; only a file that cannot be read as a table at all is refused.
"""

from bihuan.lib.tables.bad_rows import BadRows, bad_rows_path
from bihuan.lib.tables.files import file_fingerprint, open_table, read_rows
from bihuan.lib.tables.rows import REPORT_HEADERS, Cell, Fault, Row, Table, TableError, cell_text, safe_cell

__all__ = [
    "REPORT_HEADERS",
    "BadRows",
    "Cell",
    "Fault",
    "Row",
    "Table",
    "TableError",
    "bad_rows_path",
    "cell_text",
    "file_fingerprint",
    "open_table",
    "read_rows",
    "safe_cell",
]
