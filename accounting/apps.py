"""What the books tell the office."""

from django.utils.translation import gettext_lazy as _

from backoffice.functions import FunctionConfig


class AccountingConfig(FunctionConfig):
    name = "accounting"
    verbose_name = _("Accounting")
    icon = "receipt-2"
    hue = "acc"
    purpose = _("The books, always current and provably right.")

    def importers(self):
        from accounting.importers import AccountImporter, JournalImporter

        return (AccountImporter, JournalImporter)
