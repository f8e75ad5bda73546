"""The chart of accounts."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.access import Access


class Account(models.Model):
    """A place in the books. One with accounts below it is a heading and takes no lines."""

    access = Access(area="accounting")

    class Kind(models.TextChoices):
        ASSET = "asset", _("asset")
        LIABILITY = "liability", _("liability")
        EQUITY = "equity", _("equity")
        INCOME = "income", _("income")
        EXPENSE = "expense", _("expense")

    class Role(models.TextChoices):
        """What the rest of the office calls an account, whatever its code."""

        BANK = "bank", _("bank")
        CASH = "cash", _("cash")
        RECEIVABLE = "receivable", _("owed by customers")
        PAYABLE = "payable", _("owed to suppliers")
        SALES = "sales", _("sales")
        PURCHASES = "purchases", _("purchases")
        TAX_ON_SALES = "tax_on_sales", _("tax on sales")
        TAX_ON_PURCHASES = "tax_on_purchases", _("tax on purchases")
        WAGES = "wages", _("wages")
        EMPLOYER_COST = "employer_cost", _("employer's social cost")
        WAGES_PAYABLE = "wages_payable", _("wages to pay")
        TAX_WITHHELD_PAYABLE = "tax_withheld_payable", _("tax withheld to pay")
        RETAINED_EARNINGS = "retained_earnings", _("retained earnings")
        OPENING_BALANCE = "opening_balance", _("opening balances")
        FIXED_ASSETS = "fixed_assets", _("fixed assets")
        DEPRECIATION_TO_DATE = "depreciation_to_date", _("depreciation to date")
        DEPRECIATION = "depreciation", _("depreciation")
        ROUNDING = "rounding", _("rounding")
        EXCHANGE = "exchange", _("exchange differences")
        DISCOUNT_GIVEN = "discount_given", _("discounts given")
        DISCOUNT_RECEIVED = "discount_received", _("discounts received")
        BAD_DEBTS = "bad_debts", _("bad debts")
        BANK_CHARGES = "bank_charges", _("bank charges")
        CLEARING = "clearing", _("money on the way")
        SUSPENSE = "suspense", _("unexplained bank lines")
        TAX_SETTLEMENT = "tax_settlement", _("owed to the tax office")
        WITHHOLDING_PAYABLE = "withholding_payable", _("tax withheld from suppliers")
        WITHHOLDING_RECEIVABLE = "withholding_receivable", _("tax withheld by customers")
        STAFF_CLAIMS = "staff_claims", _("owed to staff for expenses")
        EXCHANGE_UNREALISED = "exchange_unrealised", _("exchange differences not realised")
        REVALUATION = "revaluation", _("foreign items at today's rate")
        ASSET_DISPOSAL = "asset_disposal", _("gain or loss on assets given up")
        ACCRUALS = "accruals", _("accrued expenses")
        ACCRUED_INCOME = "accrued_income", _("accrued income")
        PREPAID = "prepaid", _("prepaid expenses")
        DEFERRED_INCOME = "deferred_income", _("deferred income")
        OPENING_RECEIVABLES = "opening_receivables", _("open invoices brought in")
        OPENING_PAYABLES = "opening_payables", _("open bills brought in")

    class CashFlow(models.TextChoices):
        """Where what happens on an account stands in the cash flow statement."""

        CASH = "cash", _("cash itself")
        OPERATING = "operating", _("operating")
        INVESTING = "investing", _("investing")
        FINANCING = "financing", _("financing")

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("under"),
    )
    role = models.CharField(
        _("role"),
        max_length=24,
        choices=Role,
        blank=True,
        help_text=_("What other functions post to it as; each role has one account."),
    )
    currency = models.ForeignKey(
        "backoffice.Currency",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("currency"),
        help_text=_("Only where it is kept in one foreign currency, as a bank account may be."),
    )
    cash_flow = models.CharField(
        _("in the cash flow"),
        max_length=10,
        choices=CashFlow,
        blank=True,
        help_text=_("Empty: as its kind and role say. A second bank account is cash itself."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ("code",)
        verbose_name = _("account")
        verbose_name_plural = _("chart of accounts")
        constraints = [
            models.UniqueConstraint(
                Lower("code"),
                name="account_code_is_unique",
                violation_error_message=_("There is an account with this code already."),
            ),
            models.UniqueConstraint(
                fields=["role"],
                condition=~Q(role=""),
                name="account_role_is_held_once",
                violation_error_message=_("Another account has this role."),
            ),
            models.CheckConstraint(
                condition=~Q(parent=F("id")), name="account_is_not_its_own_parent"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["asset", "liability", "equity", "income", "expense"]),
                name="account_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(cash_flow__in=["", "cash", "operating", "investing", "financing"]),
                name="account_cash_flow_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(cash_flow="cash") | Q(kind__in=["asset", "liability"]),
                name="cash_is_an_asset_or_a_liability",
                violation_error_message=_("Cash is an asset, or overdrawn a liability."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("accounting:account-detail", args=[self.pk])


PAY_ROLES = ("wages", "employer_cost")


def accounts_of_pay() -> models.QuerySet:
    """The accounts of what staff cost: by role, and all beside them under the same heading.

    In a small department their sums would say what somebody earns.
    """
    headings = Account.objects.filter(role__in=PAY_ROLES).exclude(parent=None).values("parent")
    beside = Q(parent__in=headings, kind=Account.Kind.EXPENSE)
    return Account.objects.filter(Q(role__in=PAY_ROLES) | beside)


def lines_of_pay() -> Q:
    """Lines on such accounts, which nobody reads by being of the department alone."""
    return Q(account__in=accounts_of_pay())
