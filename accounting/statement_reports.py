"""Statements as rows of text: for the terminal, programs, spreadsheets and paper."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounting.balance_sheet import balance_sheet, year_starts
from accounting.budget_figures import budget_in_force
from accounting.budget_report import budget_report
from accounting.cash_flow import cash_flow
from accounting.facts import departments_below
from accounting.income_statement import a_year_before, income_statement
from accounting.late_entries import heads_of
from accounting.models import Budget
from accounting.movements import Span
from accounting.reporting import Report, Wish, details_of, instant_of, known_now, language
from accounting.statement_rows import Row, Statement, books
from backoffice.errors import Refused
from backoffice.models import Company
from backoffice.money import as_text, for_people

# Columns that stand for all others.
WHOLES = ("total", "year_to_date", "year")


def statement_of(name: str, wish: Wish) -> Statement:
    """The statement of this name as it is wished for; it says what it leaves out."""
    found = {
        "balance_sheet": balance_sheet_wished,
        "income_statement": income_statement_wished,
        "cash_flow": cash_flow_wished,
        "budget": budget_wished,
    }[name](wish)
    if not wish.without:
        return found
    return replace(found, notes=(*found.notes, _("What staff cost is left out.")))


def balance_sheet_wished(wish: Wish) -> Statement:
    """The balance sheet of a day, compared with a year or a month end before."""
    if wish.starts_on or wish.account or wish.by:
        raise Refused(_("The balance sheet takes a day (on), a department and as-known."))
    return balance_sheet(
        on=wish.on,
        compare=compared_days(wish.on, wish.compare),
        departments=departments_of(wish),
        known=wish.as_known,
    )


def compared_days(on: date, compare: str) -> list[date]:
    """The day a balance sheet is compared with: a year before, or the end of the month before."""
    if compare == "year":
        return [a_year_before(on, is_last=True)]
    if compare == "month":
        return [date.fromordinal(on.replace(day=1).toordinal() - 1)]
    if compare:
        raise Refused(_("A balance sheet is compared with a year or a month (compare)."))
    return []


def income_statement_wished(wish: Wish) -> Statement:
    """The income statement of some days; of the year up to the day where no first is named."""
    if wish.account:
        raise Refused(_("The income statement takes days (from, to), a department and as-known."))
    if wish.by not in ("", "month", "department"):
        raise Refused(_("The income statement is split by month or by department (by)."))
    if wish.compare not in ("", "year", "budget"):
        raise Refused(_("An income statement is compared with a year or a budget (compare)."))
    first, last = days_wished(wish)
    return income_statement(
        first=first,
        last=last,
        by=wish.by,
        compare=wish.compare,
        budget=wish.budget or needed_budget(last) if wish.compare == "budget" else None,
        departments=departments_of(wish),
        known=wish.as_known,
        without=wish.without,
    )


def cash_flow_wished(wish: Wish) -> Statement:
    """The cash flow of some days; of the year up to the day where no first is named."""
    if wish.account or wish.department or wish.by:
        raise Refused(
            _("The cash flow takes days (from, to) and as-known: it is of the whole company.")
        )
    if wish.compare not in ("", "year"):
        raise Refused(_("A cash flow statement is compared with a year (compare)."))
    first, last = days_wished(wish)
    return cash_flow(first=first, last=last, compare=wish.compare, known=wish.as_known)


def budget_wished(wish: Wish) -> Statement:
    """The budget in force on the day against what happened."""
    if wish.account or wish.as_known or wish.starts_on or wish.compare:
        raise Refused(_("The budget report takes a day (on) and a department."))
    if wish.by not in ("", "month"):
        raise Refused(_("The budget report is split by month (by)."))
    budget = wish.budget or needed_budget(wish.on)
    return budget_report(
        budget,
        on=wish.on,
        by=wish.by,
        departments=departments_of(wish),
        without=wish.without,
    )


def needed_budget(on: date) -> Budget:
    """The budget in force, or a refusal."""
    budget = budget_in_force(on)
    if budget is None:
        raise Refused(_("No budget is in force on %(day)s.") % {"day": on})
    return budget


def days_wished(wish: Wish) -> tuple[date, date]:
    """The first and last day; the fiscal year's first where none is named."""
    last = wish.ends_on or wish.on
    first = wish.starts_on or year_starts([last], books()[2])[0]
    if first > last:
        raise Refused(_("The last day is before the first."))
    return first, last


def departments_of(wish: Wish) -> frozenset[int] | None:
    """The departments wished for, as far as the reader reaches; none named are all."""
    if wish.department is None:
        return wish.within
    asked = departments_below(wish.department)
    return asked if wish.within is None else asked & wish.within


# --- As text -----------------------------------------------------------------------------------


def statement_report(name: str, wish: Wish) -> Report:
    """The statement as a report."""
    found = statement_of(name, wish)
    details = details_of(wish, found.currency, days_in_words(found))
    return Report(
        title=found.title,
        details=[*details, *found.notes, *(proof.sentence for proof in found.proofs)],
        header=header_of(found),
        rows=[text_of(row, found.minor_unit) for row in found.rows],
        total=(),
        facts=facts_of(found, wish),
        amounts=frozenset(range(2, 2 + len(found.columns))),
        paper=("statement.typ", paper_of(found, details, wish.as_known)),
    )


def header_of(found: Statement) -> list[str]:
    """The names of the columns."""
    return [_("Account"), _("Name"), *(column.label for column in found.columns)]


def text_of(row: Row, unit: int) -> list[str]:
    """A row as cells of text, set in as far as its place in the tree."""
    amounts = [as_text(amount, unit) for amount in row.amounts]
    return [row.code, "  " * row.depth + row.label, *amounts]


def main_column(found: Statement) -> int:
    """The place of the column that stands for the whole: the sum of months or departments."""
    summed = [n for n, column in enumerate(found.columns) if column.name in WHOLES]
    return summed[0] if summed else 0


def days_in_words(found: Statement) -> str:
    """The days the statement is about."""
    span = found.columns[main_column(found)].span
    if span is None:
        return ""
    if span.first is None:
        return _("at the end of %(day)s") % {"day": span.last}
    return _("from %(first)s to %(last)s") % {"first": span.first, "last": span.last}


def facts_of(found: Statement, wish: Wish) -> dict[str, Any]:
    """The statement for a program: columns, rows with amounts as text, and what it proves."""
    unit, at = found.minor_unit, main_column(found)
    totals = {row.name: row.amounts[at] for row in found.rows if row.name != "account"}
    if found.name == "cash_flow":
        totals |= {name: totals[f"direct_{name}"] for name in ("opening", "change", "closing")}
    return {
        **days_facts(found.columns[at].span),
        "as_known": instant_of(wish),
        "currency": found.currency,
        "columns": [column_facts(column) for column in found.columns],
        "rows": [row_facts(row, unit) for row in found.rows],
        **{name: as_text(amount, unit) for name, amount in totals.items()},
        "holds": found.holds,
    }


def days_facts(span: Span | None) -> dict[str, str]:
    """The day, or the first and last, for a program."""
    if span is None:
        return {}
    if span.first is None:
        return {"on": span.last.isoformat()}
    return {"from": span.first.isoformat(), "to": span.last.isoformat()}


def column_facts(column: Any) -> dict[str, Any]:
    """A column for a program: its name and its days."""
    span = column.span
    return {
        "name": column.name,
        "from": span.first.isoformat() if span and span.first else None,
        "to": span.last.isoformat() if span else None,
    }


def row_facts(row: Row, unit: int) -> dict[str, Any]:
    """A row for a program."""
    return {
        "name": row.name,
        "code": row.code,
        "label": row.label,
        "style": row.style,
        "depth": row.depth,
        "amounts": [as_text(amount, unit) for amount in row.amounts],
    }


def paper_of(
    found: Statement, details: Sequence[str], known: datetime | None = None
) -> dict[str, Any]:
    """What the document shows: the statement, what it proves, and the heads of the chain."""
    company = Company.objects.first()
    locale = (company.language if company else "en").replace("-", "_")
    spans = [column.span for column in found.columns if column.span]
    first = min((span.first.year for span in spans if span.first), default=None)
    last = max(span.last.year for span in spans)
    return {
        "title": found.title,
        "details": [*details, *([] if known else [known_now()])],
        "notes": list(found.notes),
        "header": [column.label for column in found.columns],
        "account": _("Account"),
        "rows": [
            {
                "label": row.label,
                "code": row.code,
                "depth": row.indent,
                "style": row.style,
                "amounts": [shown(a, found.minor_unit, locale) for a in row.amounts],
            }
            for row in found.rows
        ],
        "proofs": [proof.sentence for proof in found.proofs],
        "seal": _("Head of the journal's chain"),
        "heads": heads_of(first, last, known),
        "language": language(),
    }


def shown(amount: Decimal, unit: int, locale: str) -> str:
    """The amount on paper, as it is written where the company is; a dash for nothing."""
    return for_people(amount, locale=locale, decimals=unit) if amount else "–"
