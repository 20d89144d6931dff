"""Documentation of the tables, made from their declarations: python -m entrepot.schema.document."""

from __future__ import annotations

import sys
from pathlib import Path

from entrepot.schema.table import READERS, Table, load_schema

INTRO = """# Tables

Made from the declarations in `src/entrepot/schema` by `make docs`; edit those, not this page.
Every value of the facts has a kind (measured, published, estimated, assumed) and a source.
Lists are split by `;`. `*` stands for every place without a row of its own.

*Read by* says who reads a column, and so what a change of it moves: {readers}.
A change may touch what is read as topology, price, rule or trade; a change of the base is another
baseline, and nobody changes the law. A column with a default that the model reads must be there,
as must one with the rule `column`; its cells may be empty.
"""


def document() -> str:
    """The page as Markdown."""
    readers = "; ".join(f"*{name}*, {meaning}" for name, meaning in READERS.items())
    parts = [INTRO.format(readers=readers)]
    for title, kind in (("Facts", "tables"), ("Results of a run", "results")):
        parts.append(f"## {title}\n")
        parts += [_section(t) for t in load_schema(kind).values()]
    return "\n".join(parts)


def _section(table: Table) -> str:
    facts = any(c.read_by for c in table.columns)
    lines = [
        f"### {table.name}\n",
        f"{table.description}.\n",
        f"| column | type | unit | default | rules |{' read by |' if facts else ''} meaning |",
        f"|---|---|---|---|---|{'---|' if facts else ''}---|",
    ]
    for c in table.columns:
        read_by = f" {', '.join(c.read_by)} |" if facts else ""
        rules = "; ".join(c.rules).replace("|", "\\|")
        lines.append(
            f"| `{c.name}` | {c.type} | {c.unit} | {c.default.replace('*', chr(92) + '*')} "
            f"| {rules} |{read_by} {c.description.replace('|', chr(92) + '|')} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else "docs/tables.md").write_text(
        document(), encoding="utf-8"
    )
