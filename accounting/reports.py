"""Reports as rows of text: for the terminal, programs, spreadsheets and paper."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from accounting.ageing_report import report_of_ageing, sheet_of_ageing
from accounting.asset_report import asset_register_report, sheet_of_assets
from accounting.late_entries import heads_of
from accounting.ledger_report import report_of_general_ledger, sheet_of_general_ledger
from accounting.reporting import Report, Sheet, Wish, known_now, language, sheet_of
from accounting.statement_reports import statement_report
from accounting.tax_report import report_of_tax_return
from accounting.trial_balance_report import report_of_trial_balance, sheet_of_trial_balance
from backoffice.errors import Refused


def report(name: str, wish: Wish) -> Report:
    """The report of this name, or a refusal that names those there are."""
    if name not in REPORTS:
        raise Refused(
            _("There is no report “%(name)s”. There are: %(names)s.")
            % {"name": name, "names": ", ".join(REPORTS)}
        )
    return REPORTS[name](wish)


def sheet(name: str, wish: Wish) -> Sheet:
    """The report of this name for a spreadsheet, or a refusal."""
    if name in SHEETS:
        return SHEETS[name](wish)
    return sheet_of(report(name, wish))


def as_json(found: Report) -> str:
    """The facts for a program."""
    return json.dumps(found.facts, ensure_ascii=False) + "\n"


REPORTS: dict[str, Callable[[Wish], Report]] = {
    "trial_balance": report_of_trial_balance,
    "general_ledger": report_of_general_ledger,
    "aged_receivables": partial(report_of_ageing, "receivable"),
    "aged_payables": partial(report_of_ageing, "payable"),
    "tax_return": report_of_tax_return,
    "asset_register": asset_register_report,
    "balance_sheet": partial(statement_report, "balance_sheet"),
    "income_statement": partial(statement_report, "income_statement"),
    "cash_flow": partial(statement_report, "cash_flow"),
    "budget": partial(statement_report, "budget"),
}
# Those that tell a spreadsheet more than a page has room for, or too much to be held at once.
SHEETS: dict[str, Callable[[Wish], Sheet]] = {
    "trial_balance": sheet_of_trial_balance,
    "general_ledger": sheet_of_general_ledger,
    "aged_receivables": partial(sheet_of_ageing, "receivable"),
    "aged_payables": partial(sheet_of_ageing, "payable"),
    "asset_register": sheet_of_assets,
}
TITLE_COLUMN = {
    "trial_balance": 1,
    "general_ledger": 2,
    "aged_receivables": 0,
    "aged_payables": 0,
    "tax_return": 1,
    "asset_register": 1,
}


def paper(name: str, wish: Wish) -> tuple[str, Mapping[str, Any]]:
    """The template the report is printed with, and what it shows."""
    found = report(name, wish)
    return found.paper or ("report.typ", facts_for_paper(found, name, wish))


def facts_for_paper(found: Report, name: str, wish: Wish) -> dict[str, Any]:
    """What the document shows, when it was known, and the heads of the journal's chain then."""
    known = wish.as_known
    return {
        "title": found.title,
        "details": [*found.details, *([] if known else [known_now()])],
        "header": found.header,
        "rows": found.rows,
        "total": found.total,
        "amounts": sorted(found.amounts),
        "widest": TITLE_COLUMN[name],
        "seal": _("Head of the journal's chain"),
        "heads": heads_of(None, (wish.ends_on or wish.on).year, known),
        "language": language(),
    }
