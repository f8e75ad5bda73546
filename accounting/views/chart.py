"""The chart of accounts: a tree to read, pages to change it, charts to start from."""

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounting.chart_tree import chart_sections
from accounting.charts import CHARTS, chart_for, load_chart
from accounting.forms import AccountForm
from accounting.models import Account
from accounting.reach import of_whole_books
from accounting.statements import trial_balance
from accounting.views.ledger import account_page
from backoffice import audit
from backoffice.access import area, may, rows
from backoffice.messages import say
from backoffice.pages import Pages
from backoffice.shell import company_of


@transaction.atomic
def save_account(form, *, by):
    """Save the account and remember what was changed."""
    account = form.save()
    if form.changed_data:
        audit.record("account saved", account, by=by, fields=form.changed_data)
    return account


accounts = Pages(
    model=Account,
    form=AccountForm,
    columns=("code", "name", "kind", "role", "parent"),
    more_columns=("currency", "is_active"),
    filters=("kind", "role", "parent", "is_active"),
    search=("code", "name"),
    ordering=("code",),
    joined=("parent",),
    hide_small=("role", "parent"),
    state=lambda account: None if account.is_active else (_("Inactive"), "mute"),
    save=save_account,
    importer="accounts",
    record_view=account_page,
    icon="receipt-2",
    empty=_lazy("The places money is counted at: banks, customers, sales, wages."),
)


@area("accounting")
@require_safe
@of_whole_books
def chart(request: HttpRequest) -> HttpResponse:
    """The accounts as a tree, with what stands on each today."""
    found = list(rows(request.user, Account).order_by("code"))
    if not found:
        return no_chart(request)
    words, on = request.GET.get("q", "").replace("\x00", "").strip()[:80], timezone.localdate()
    balances = {row.account_id: row.balance for row in trial_balance(on=on).rows}
    context = {
        "title": _("Chart of accounts"),
        "crumbs": [(_("Chart of accounts"), None)],
        "sections": chart_sections(found, balances, words=words),
        "on": on,
        "q": words,
        "may_edit": accounts.may_edit(request.user),
        "list_url": accounts.url("list"),
        "import_url": import_url(request),
    }
    return render(request, "accounting/chart.html", context)


def no_chart(request: HttpRequest) -> HttpResponse:
    """What to begin with: one of the charts shipped, a file, or one's own accounts."""
    company = company_of(request)
    first = chart_for(company.country if company else "")
    names = sorted(CHARTS, key=lambda name: name != first)
    context = {
        "title": _("Chart of accounts"),
        "crumbs": [(_("Chart of accounts"), None)],
        "charts": [(name, CHARTS[name], name == first) for name in names],
        "may_edit": accounts.may_edit(request.user),
        "import_url": import_url(request),
    }
    return render(request, "accounting/chart_start.html", context)


def import_url(request: HttpRequest) -> str:
    """Where a chart is brought in from a file, for those who may."""
    if not may(request.user, "accounting", "manage"):
        return ""
    return reverse("backoffice:import-add", args=["accounts"])


@area("accounting", "edit")
@require_POST
def start_chart(request: HttpRequest, name: str) -> HttpResponse:
    """Begin with a chart that is shipped."""
    if name not in CHARTS:
        raise Http404
    added = load_chart(name, by=request.user).counts["created"]
    text = ngettext(
        "%(count)s account is there. Change it as you need.",
        "%(count)s accounts are there. Change them as you need.",
        added,
    )
    say(request, text % {"count": added})
    return redirect("accounting:chart")
