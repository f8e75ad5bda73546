"""The one derived table of the books."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounting.models.accounts import lines_of_pay
from backoffice.access import Access


class MonthlyBalance(models.Model):
    """What moved on an account of a department in a month.

    Kept by the database in the statement that inserts the lines; nothing else writes it.
    """

    access = Access(area="accounting", department="department", kept_back=lines_of_pay)

    pk = models.CompositePrimaryKey("account", "department", "month")
    account = models.ForeignKey("Account", models.PROTECT, related_name="+", db_index=False)
    department = models.ForeignKey(
        "backoffice.Department", models.PROTECT, related_name="+", db_index=False
    )
    month = models.DateField(_("month"), help_text=_("Its first day."))
    debit = models.DecimalField(max_digits=23, decimal_places=4)
    credit = models.DecimalField(max_digits=23, decimal_places=4)

    class Meta:
        verbose_name = _("monthly balance")
        verbose_name_plural = _("monthly balances")

    def __str__(self) -> str:
        return f"{self.account_id} {self.month:%Y-%m}"
