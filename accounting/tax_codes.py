"""Tax codes to start from, by country."""

from collections.abc import Iterator
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.models import TaxCode
from accounting.tax_code_import import TaxCodeImporter
from backoffice import audit
from backoffice.errors import Refused
from backoffice.imports import Outcome, check_mapping, guess, mapped
from backoffice.models import Company, User
from backoffice.tables import open_table

FOLDER = Path(__file__).with_name("tax_codes")
COUNTRIES = {
    "GB": gettext_lazy("United Kingdom (VAT)"),
    "DE": gettext_lazy("Germany (Umsatzsteuer)"),
    "FR": gettext_lazy("France (TVA)"),
    "US": gettext_lazy("United States (sales and use tax, a sample)"),
}


@transaction.atomic
def load_tax_codes(country: str, *, by: User | None) -> Outcome:
    """Add the codes of a country that the books lack; what is there stays as it is."""
    if country not in COUNTRIES:
        raise Refused(
            _("There are no tax codes for “%(country)s”. There are: %(countries)s.")
            % {"country": country, "countries": ", ".join(COUNTRIES)}
        )
    outcome = TaxCodeImporter({"keep_existing": True}, by=by).bring_in(rows_of(country))
    if outcome.failures:
        first = outcome.failures[0]
        raise Refused(
            _("Row %(row)s of the tax codes: %(reason)s")
            % {"row": first.row, "reason": first.sentence}
        )
    if outcome.counts["created"]:
        audit.record("tax codes loaded", country, by=by, codes=outcome.counts["created"])
    return outcome


def names_of(country: str) -> list[tuple[str, str]]:
    """The codes of a country with their names, as they would be added."""
    return [(row["code"], row["name"]) for _number, row in rows_of(country)]


def rows_of(country: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of the file of a country, numbered."""
    table = open_table(FOLDER / f"{country}.csv")
    mapping = check_mapping(TaxCodeImporter, guess(TaxCodeImporter, table.header), table.header)
    return mapped(table, mapping)


def check_whole(code: TaxCode, *, by: User | None) -> None:
    """Refuse a code nothing can be taxed with: without a rate, or without its parts."""
    if code.kind == TaxCode.Kind.COMPOUND:
        if not code.parts.exists():
            raise Refused(_("Several taxes together have parts: choose at least one below."))
    elif not code.rates.exists() and not code.parts.exists():
        raise Refused(_("Give it a rate and the day that begins; 0 % where it charges no tax."))


def begin_tax_codes(*, by: User | None) -> None:
    """Give books without any tax code those of the company's country, where we know them."""
    company = Company.objects.first()
    if company and company.country in COUNTRIES and not TaxCode.objects.exists():
        load_tax_codes(company.country, by=by)
