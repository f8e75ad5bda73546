"""Budgets: what a department means to earn and spend, account by account, month by month."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounting.models.accounts import lines_of_pay
from backoffice.access import Access


class BudgetManager(models.Manager):
    """Finds budgets with their year, which is half of their name."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().select_related("fiscal_year")


class Budget(models.Model):
    """A plan for a fiscal year: a draft, or the one in force."""

    # Its name stands on everybody's budget page; what is planned is each department's own.
    access = Access(area="accounting", everybody_reads=True)

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_FORCE = "in_force", _("in force")

    class Overspending(models.TextChoices):
        WARN = "warn", _("warn")
        STOP = "stop", _("stop")

    fiscal_year = models.ForeignKey(
        "FiscalYear", models.PROTECT, related_name="budgets", verbose_name=_("fiscal year")
    )
    name = models.CharField(_("name"), max_length=80)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.DRAFT, editable=False
    )
    overspending = models.CharField(
        _("when more is spent"),
        max_length=10,
        choices=Overspending,
        default=Overspending.WARN,
        help_text=_("Whether spending beyond it is pointed out, or refused."),
    )

    objects = BudgetManager()

    class Meta:
        ordering = ("-fiscal_year__starts_on", "name")
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "name"],
                name="budget_name_is_unique_in_its_year",
                violation_error_message=_("The year has a budget of this name already."),
            ),
            models.UniqueConstraint(
                fields=["fiscal_year"],
                condition=Q(state="in_force"),
                name="one_budget_is_in_force",
                violation_error_message=_("Another budget of the year is in force."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "in_force"]), name="budget_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(overspending__in=["warn", "stop"]), name="budget_warns_or_stops"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.fiscal_year}"

    def get_absolute_url(self) -> str:
        return reverse("accounting:budget-detail", args=[self.pk])

    @property
    def is_in_force(self) -> bool:
        """Whether it is the one spending is held against."""
        return self.state == self.State.IN_FORCE


class BudgetLine(models.Model):
    """What a department plans on an account in a month, on the account's usual side."""

    access = Access(area="accounting", department="department", kept_back=lines_of_pay)

    budget = models.ForeignKey(
        Budget, models.CASCADE, related_name="lines", verbose_name=_("budget")
    )
    department = models.ForeignKey(
        "backoffice.Department", models.PROTECT, related_name="+", verbose_name=_("department")
    )
    account = models.ForeignKey(
        "Account", models.PROTECT, related_name="+", verbose_name=_("account")
    )
    month = models.DateField(_("month"), help_text=_("Its first day."))
    amount = models.DecimalField(
        _("amount"),
        max_digits=19,
        decimal_places=4,
        help_text=_("Income or expense, both positive."),
    )

    class Meta:
        ordering = ("budget", "department", "account", "month")
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        constraints = [
            models.UniqueConstraint(
                fields=["budget", "department", "account", "month"],
                name="budget_line_is_there_once",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="budget_line_plans_something"),
            models.CheckConstraint(
                condition=Q(month__day=1), name="budget_month_is_its_first_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department_id} {self.account_id} {self.month:%Y-%m}: {self.amount}"

    def get_absolute_url(self) -> str:
        return reverse("accounting:budgetline-detail", args=[self.pk])
