"""The inbox: what waits for a person and what they were told of."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from backoffice import notices
from backoffice.access import area, row_or_404, rows
from backoffice.forms import MailPreferenceForm
from backoffice.functions import functions_for
from backoffice.messages import say
from backoffice.models import Notice
from backoffice.timeline import page_number
from backoffice.views.forms import form_page

NOTICES_AT_ONCE = 50
ICONS = {
    Notice.Kind.APPROVAL: "rubber-stamp",
    Notice.Kind.MENTION: "message",
    Notice.Kind.MESSAGE: "mail",
    Notice.Kind.JOB_FAILED: "alert-triangle",
    Notice.Kind.JOB_DONE: "circle-check",
}


@area("signed_in")
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Everything that waits, then the notices; for HTMX only these."""
    template = "office/_inbox.html" if request.htmx else "office/inbox.html"
    return render(request, template, inbox_context(request))


def inbox_context(request: HttpRequest, *, said: str = "") -> dict:
    """What the inbox draws: one page of notices, newest first."""
    kind = request.GET.get("kind", "")
    kind, is_all = kind if kind in Notice.Kind.values else "", request.GET.get("show") == "all"
    found = rows(request.user, Notice).select_related("by")
    waiting = notices.waiting_for(found)
    shown = (found if is_all else waiting).filter(**({"kind": kind} if kind else {}))
    page = page_number(request.GET.get("page"))
    start = (page - 1) * NOTICES_AT_ONCE
    drawn = list(shown[start : start + NOTICES_AT_ONCE + 1])
    query = request.GET.copy()
    query.pop("page", None)
    return {
        "title": _("Inbox"),
        "crumbs": [(_("Inbox"), None)],
        "notices": [(notice, ICONS[notice.kind]) for notice in drawn[:NOTICES_AT_ONCE]],
        "page": page,
        "has_next": len(drawn) > NOTICES_AT_ONCE,
        "is_all": is_all,
        "kind": kind,
        "kinds": Notice.Kind.choices,
        "asked": query.urlencode(),
        "waiting": waiting.count(),
        "attention": attention_of(request),
        "said": said,
    }


def attention_of(request: HttpRequest) -> list:
    """What waits for this person in each function today."""
    user, today = request.user, timezone.localdate()
    return [a for f, _screens in functions_for(user) for a in f.attention(user, on=today)]


@area("signed_in")
@require_POST
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice is dealt with."""
    row_or_404(request.user, Notice, "edit", pk=pk)
    notices.mark_done(rows(request.user, Notice, "edit").filter(pk=pk), at=timezone.now())
    return _answered(request, _("Done."))


@area("signed_in")
@require_POST
def all_done(request: HttpRequest) -> HttpResponse:
    """Everything shown is dealt with; `kind` narrows it."""
    found = rows(request.user, Notice, "edit")
    if request.GET.get("kind") in Notice.Kind.values:
        found = found.filter(kind=request.GET["kind"])
    if request.POST.get("newest", "").isdecimal():
        # What came in after the page was drawn has not been seen.
        found = found.filter(pk__lte=int(request.POST["newest"][:18]))
    n = notices.mark_done(found, at=timezone.now())
    return _answered(request, ngettext("%(n)d is done.", "%(n)d are done.", n) % {"n": n})


def _answered(request: HttpRequest, sentence: str) -> HttpResponse:
    if request.htmx:
        return render(request, "office/_inbox.html", inbox_context(request, said=sentence))
    say(request, sentence)
    return redirect(f"{reverse('backoffice:inbox')}?{request.GET.urlencode()}")


@area("signed_in")
def notice_settings(request: HttpRequest) -> HttpResponse:
    """How each kind of notice reaches this person by e-mail."""
    preference = notices.mail_preference_of(request.user)
    form = MailPreferenceForm(request.POST or None, instance=preference)

    def save() -> str:
        form.save()
        say(request, _("What is sent to you is saved."))
        return reverse("backoffice:profile")

    return form_page(
        request,
        form,
        save,
        title=_("Notices by e-mail"),
        note=_("Your inbox has them all; this is about letters."),
        crumbs=[
            (_("Your profile"), reverse("backoffice:profile")),
            (_("Notices by e-mail"), None),
        ],
        back=reverse("backoffice:profile"),
    )


inbox_urls = [
    path("inbox/", inbox, name="inbox"),
    path("inbox/done/", all_done, name="inbox-done"),
    path("inbox/<int:pk>/done/", done, name="notice-done"),
    path("profile/notices/", notice_settings, name="notice-settings"),
]
