"""docs/keys.md against the tables of bindings: each row stands there, and no other."""

from pathlib import Path

import pytest

from pairterm.view.bindings import Binding, Bindings, Table

PAGE = Path(__file__).resolve().parents[3] / "docs" / "keys.md"


def rows_of(table: Table) -> list[str]:
    """Return the rows that the page should have for a table, in its order."""
    keys_of: dict[Binding, list[str]] = {}
    for key, command in Bindings.of().tables[table].items():
        keys_of.setdefault(command, []).append(f"`{key}`")
    return [f"| {' '.join(keys)} | `{command.value}` | {command.text} |" for command, keys in keys_of.items()]


@pytest.mark.parametrize("table", Table)
def test_the_page_lists_the_keys_of_each_table(table: Table) -> None:
    section = PAGE.read_text(encoding="utf-8").split(f"<!-- table {table.value} -->")[1].split("<!-- end -->")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows == rows_of(table), f"docs/keys.md, table {table.value}: put these rows there"
