"""Coming in by a one-time link."""

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from backoffice import signing_in
from backoffice.access import area
from backoffice.errors import Refused
from backoffice.forms import PasswordOnceForm
from backoffice.messages import say
from backoffice.models import OneTimeLink
from backoffice.views.forms import form_page
from backoffice.views.home import set_up_url


@area("public")
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, secret: str) -> HttpResponse:
    """Sign in by link. An invitation asks for a password first, so that a mail scanner that
    opens the letter's link does not use it up."""
    try:
        link = signing_in.find_link(secret)
        if link.purpose == OneTimeLink.Purpose.INVITATION:
            return _first_password(request, link, secret)
        signing_in.use_link(secret, request)
    except Refused as refusal:
        context = {"title": _("This link does not work"), "text": str(refusal)}
        return render(request, "office/link_refused.html", context, status=410)
    return redirect(_first_page(request))


def _first_password(request: HttpRequest, link: OneTimeLink, secret: str) -> HttpResponse:
    form = PasswordOnceForm(request.POST or None, user=link.user)

    def save() -> str:
        signing_in.use_link(secret, request)
        user = request.user
        user.set_password(form.cleaned_data["password"])
        user.save(update_fields=["password"])
        update_session_auth_hash(request, user)
        say(request, _("Welcome. Your password is set."))
        return reverse("backoffice:home")

    return form_page(
        request,
        form,
        save,
        template="office/first_password.html",
        title=_("Welcome, %(name)s") % {"name": link.user.short_name},
        invited=link.user,
        submit_label=_("Set password and sign in"),
    )


def _first_page(request: HttpRequest) -> str:
    return set_up_url(request) or reverse("backoffice:home")
