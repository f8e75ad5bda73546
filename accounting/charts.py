"""Charts of accounts to start from."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.importers import AccountImporter
from accounting.tax_codes import begin_tax_codes
from backoffice import audit
from backoffice.errors import Refused
from backoffice.imports import Outcome, check_mapping, guess, mapped
from backoffice.models import User
from backoffice.tables import open_table

FOLDER = Path(__file__).with_name("charts")
CHARTS = {
    "international": gettext_lazy("Small company, Europe and elsewhere (VAT)"),
    "us": gettext_lazy("Small company, United States (sales tax)"),
}


class ChartImporter(AccountImporter):
    """Adds the accounts a chart has and the books lack; what is there stays as it is."""

    def __init__(self, *, by: User | None) -> None:
        super().__init__({"keep_existing": True}, by=by)

    def check_reach(self, record: models.Model) -> None:
        """The door that loads a chart has asked already: it does so for the whole company."""


def chart_for(country: str) -> str:
    """The chart a company of this country starts from."""
    return "us" if country == "US" else "international"


@transaction.atomic
def load_chart(name: str, *, by: User | None) -> Outcome:
    """Add the accounts of a chart that the books lack, and tax codes where there are none."""
    if name not in CHARTS:
        raise Refused(
            _("There is no chart “%(name)s”. There are: %(names)s.")
            % {"name": name, "names": ", ".join(CHARTS)}
        )
    begin_tax_codes(by=by)
    return bring_in_chart(FOLDER / f"{name}.csv", by=by)


@transaction.atomic
def bring_in_chart(path: Path, *, by: User | None) -> Outcome:
    """Add the accounts of a chart in a CSV or XLSX file, all or none."""
    outcome = ChartImporter(by=by).bring_in(rows_of(path))
    if outcome.failures:
        first = outcome.failures[0]
        raise Refused(
            _("Row %(row)s of the chart: %(reason)s")
            % {"row": first.row, "reason": first.sentence}
        )
    if outcome.counts["created"]:
        audit.record("chart loaded", path.stem, by=by, accounts=outcome.counts["created"])
    return outcome


def rows_of(path: Path) -> Iterable[tuple[int, Mapping[str, str]]]:
    """The rows of a chart's file."""
    table = open_table(path)
    mapping = check_mapping(AccountImporter, guess(AccountImporter, table.header), table.header)
    return mapped(table, mapping)
