"""Bank rules: plain rows, tried on the lines there are before they are saved."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounting.bank_proof import with_hits
from accounting.models import Account, BankRule, OwnAccount, TaxCode
from accounting.reach import of_whole_books
from accounting.reconciliation_forms import BankRuleForm, leaf_accounts
from accounting.rules_dry_run import dry_run
from backoffice import audit
from backoffice.access import area, may, rows
from backoffice.messages import say
from backoffice.models import Department, Party
from backoffice.pages import Pages


class RulePages(Pages):
    """Rules have a form of their own, with what they would have met."""

    def may_edit(self, user, record=None) -> bool:
        """Whether this person may write rules."""
        return may(user, self.area, "edit", record)


rules = RulePages(
    model=BankRule,
    columns=("name", "contains", "direction", "account", "hits", "is_active"),
    more_columns=("amount_from", "amount_to", "own_account", "tax_code", "department", "party"),
    facts=("contains", "direction", "amount_from", "amount_to", "own_account", "account",
           "tax_code", "department", "party", "hits", "is_active"),
    filters=("direction", "account", "is_active"),
    search=("name", "contains"),
    ordering=("name",),
    joined=("account", "own_account", "department", "party", "tax_code"),
    annotate=with_hits,
    labels={"hits": _lazy("lines booked by it")},
    hide_small=("direction", "is_active"),
    state=lambda rule: None if rule.is_active else (_("Inactive"), "mute"),
    icon="filter",
    empty=_lazy("A rule says where lines with certain words belong: rent, fees, subscriptions."),
)  # fmt: skip


@area("accounting", "edit")
@of_whole_books
def write_rule(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Write a rule: try it on the lines there are, or save it."""
    rule = get_object_or_404(rows(request.user, BankRule, "edit"), pk=pk) if pk else None
    form = rule_form(request, rule)
    tried = None
    if request.method == "POST" and form.is_valid():
        if request.POST.get("do") == "save":
            saved = save_rule(form, by=request.user)
            say(request, _("Rule “%(rule)s” saved.") % {"rule": saved})
            return redirect(saved)
        tried = dry_run(form.instance)
    context = {
        "title": str(rule) if rule else _("New bank rule"),
        "crumbs": [*rules.trail, (_("Edit") if rule else _("New"), None)],
        "form": form,
        "tried": tried,
        "cancel_url": rule.get_absolute_url() if rule else reverse("accounting:bankrule-list"),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "accounting/bankrule_form.html", context, status=status)


def rule_form(request: HttpRequest, rule: BankRule | None) -> BankRuleForm:
    """The form, with choices from what the person may see; a line gives it its words."""
    first = {"contains": request.GET.get("contains", "")[:120]} if rule is None else {}
    form = BankRuleForm(request.POST or None, instance=rule, initial=first)
    form.fields["account"].queryset = leaf_accounts(rows(request.user, Account))
    form.fields["own_account"].queryset = rows(request.user, OwnAccount)
    form.fields["tax_code"].queryset = rows(request.user, TaxCode).filter(is_active=True)
    form.fields["department"].queryset = rows(request.user, Department).order_by("name")
    form.fields["party"].queryset = rows(request.user, Party).order_by("name")
    return form


@transaction.atomic
def save_rule(form: BankRuleForm, *, by) -> BankRule:
    """Save the rule and remember what was changed."""
    rule = form.save()
    audit.record("bank rule saved", rule, by=by, fields=form.changed_data)
    return rule
