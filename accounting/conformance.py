"""Bank files with an answer key beside them: what an independent reading found, and ours."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from accounting.bank_files import Statement, open_bank_file, statements_of
from backoffice.conformance import FAILED, SKIPPED, Case, compared
from backoffice.errors import Refused

KEY = "EXPECTED.csv"
KINDS = ("Stmt", "MT940", "OFX", "CSV")
COLUMNS = {"file", "account", "count", "total", "balances_or_tax_breakdown", "kind", "continuity"}
_NUMBER = r"(-?[0-9]+(?:[.,][0-9]+)?)"
_OPENING = re.compile(rf"OPBD={_NUMBER}").search
_CLOSING = re.compile(rf"(?:CLBD|ledger)={_NUMBER}").search
_MOVED = re.compile(rf"^{_NUMBER} [+-]?[0-9.]+ -> {_NUMBER}").search


def bank_cases(folder: Path, tables: Path | None = None) -> Iterator[Case]:
    """Each file of the folder against its rows in EXPECTED.csv, there or one folder above."""
    rows = _key_of(folder)
    named = {Path(row["file"]).name for row in rows}
    for row in rows:
        path = folder / Path(row["file"]).name
        if path.is_file():
            yield _case(row, path)
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name not in {*named, KEY}:
            yield Case(path.name, SKIPPED, _("the key says nothing of it"))


def _key_of(folder: Path) -> list[dict[str, str]]:
    if not folder.is_dir():
        raise Refused(_("%(path)s is no folder of bank files.") % {"path": folder})
    found = next((p for p in (folder / KEY, folder.parent / KEY) if p.is_file()), None)
    if found is None:
        raise Refused(_("There is no %(key)s in %(path)s.") % {"key": KEY, "path": folder})
    with found.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not set(reader.fieldnames or ()) >= COLUMNS:
            missing = ", ".join(sorted(COLUMNS - set(reader.fieldnames or ())))
            raise Refused(_("%(key)s lacks: %(names)s.") % {"key": KEY, "names": missing})
        return list(reader)


def _case(row: dict[str, str], path: Path) -> Case:
    name = f"{path.name} {row['account']}".strip()
    if row["kind"] not in KINDS:
        return Case(name, SKIPPED, _("unknown kind %(kind)s") % {"kind": row["kind"]})
    try:
        found = list(statements_of(open_bank_file(path).events(), keep_entries=False))
    except Refused as refusal:
        return Case(name, FAILED, _("to be read"), str(refusal))
    if row["kind"] == "OFX":
        found = [statement for statement in found if statement.account == row["account"]]
    if not found:
        return Case(name, FAILED, {"account": row["account"]}, _("no such statement"))
    return compared(name, expected_of(row), got_of(found))


def expected_of(row: dict[str, str]) -> dict[str, Any]:
    """What the row says: entries, their sum, the balances of the first statement, continuity."""
    counts = re.findall(r"[0-9]+", row["count"])
    facts: dict[str, Any] = {"entries": int(counts[0]), "sum": _decimal(row["total"])}
    told = row["balances_or_tax_breakdown"]
    if moved := _MOVED(told):
        facts |= {"opening": _decimal(moved[1]), "closing": _decimal(moved[2])}
    if opening := _OPENING(told):
        facts["opening"] = _decimal(opening[1])
    if closing := _CLOSING(told):
        facts["closing"] = _decimal(closing[1])
    if row["continuity"]:
        # One whose balances are in two currencies is not continuous either.
        facts["proven"] = row["continuity"].startswith("continuous")
    return facts


def got_of(found: list[Statement]) -> dict[str, Any]:
    """What we read."""
    return {
        "entries": sum(statement.count for statement in found),
        "sum": sum((statement.sum for statement in found), Decimal(0)),
        "opening": found[0].opening,
        "closing": found[0].closing,
        "proven": all(statement.continuous is True for statement in found),
    }


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))
