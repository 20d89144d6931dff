"""Documentation of the tables, made from their declarations: python -m entrepot.schema.document."""

from __future__ import annotations

import sys
from pathlib import Path

from entrepot.schema.table import Table, load_schema

INTRO = """# Tables

Made from the declarations in `src/entrepot/schema` by `make docs`; edit those, not this page.
Every value of the facts has a kind (measured, published, estimated, assumed) and a source.
Lists are split by `;`. `*` stands for every place without a row of its own.
"""


def document() -> str:
    """The page as Markdown."""
    parts = [INTRO]
    for title, kind in (("Facts", "tables"), ("Results of a run", "results")):
        parts.append(f"## {title}\n")
        parts += [_section(t) for t in load_schema(kind).values()]
    return "\n".join(parts)


def _section(table: Table) -> str:
    lines = [
        f"### {table.name}\n",
        f"{table.description}.\n",
        "| column | type | unit | default | rules | meaning |",
        "|---|---|---|---|---|---|",
    ]
    for c in table.columns:
        rules = "; ".join(c.rules).replace("|", "\\|")
        lines.append(
            f"| `{c.name}` | {c.type} | {c.unit} | {c.default.replace('*', chr(92) + '*')} "
            f"| {rules} | {c.description.replace('|', chr(92) + '|')} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else "docs/tables.md").write_text(
        document(), encoding="utf-8"
    )
