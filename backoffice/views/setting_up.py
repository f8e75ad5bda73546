"""The set-up: five short questions that can be left and resumed."""

from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from backoffice import forms, setting_up
from backoffice.access import area, rows
from backoffice.messages import say
from backoffice.models import Company
from backoffice.views.forms import form_page
from backoffice.views.functions import function_cards


@area("office", "manage")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest, step: str) -> HttpResponse:
    """One question of the set-up."""
    if step not in setting_up.STEPS:
        raise Http404
    company = get_object_or_404(rows(request.user, Company))
    return PAGES[step](request, company, _common(step, company))


@area("office", "manage")
@require_POST
def go_on(request: HttpRequest) -> HttpResponse:
    """Leave the functions as they are and go to the next question."""
    company = get_object_or_404(rows(request.user, Company))
    setting_up.reach(company, "people")
    return redirect("backoffice:set-up", "people")


def _common(step: str, company: Company) -> dict:
    names = {
        "you": _("You"),
        "company": _("Company"),
        "books": _("Books"),
        "functions": _("Functions"),
        "people": _("Colleagues"),
    }
    number = setting_up.STEPS.index(step)
    return {
        "steps": [
            (names[s], reverse("backoffice:set-up", args=[s]), i < company.set_up_step, s == step)
            for i, s in enumerate(setting_up.STEPS)
        ],
        "number": number + 1,
        "crumbs": [(_("Set-up"), None)],
        "template": "office/set_up.html",
        "submit_label": _("Save and go on"),
    }


def _you(request: HttpRequest, company: Company, common: dict) -> HttpResponse:
    user = request.user
    form = forms.OwnerForm(request.POST or None, instance=user)

    def save() -> str:
        password = form.cleaned_data["password"]
        setting_up.introduce_owner(form.instance, password=password, by=user)
        update_session_auth_hash(request, form.instance)
        setting_up.reach(company, "company")
        return reverse("backoffice:set-up", args=["company"])

    title = _("First, who are you?")
    note = _("You own this office: you decide what it does and who may do it.")
    return form_page(request, form, save, title=title, note=note, **common)


def _company(request: HttpRequest, company: Company, common: dict) -> HttpResponse:
    form = forms.SetUpCompanyForm(request.POST or None, instance=company)

    def save() -> str:
        setting_up.name_company(form.instance, by=request.user)
        setting_up.reach(company, "books")
        return reverse("backoffice:set-up", args=["books"])

    title = _("What is your company called?")
    return form_page(request, form, save, title=title, **common)


def _books(request: HttpRequest, company: Company, common: dict) -> HttpResponse:
    form = forms.SetUpBooksForm(request.POST or None, instance=company)

    def save() -> str:
        form.save()
        setting_up.reach(company, "functions")
        return reverse("backoffice:set-up", args=["functions"])

    title = _("How do you keep your books?")
    note = _("The currency cannot be changed once there are entries.")
    return form_page(request, form, save, title=title, note=note, **common)


def _functions(request: HttpRequest, company: Company, common: dict) -> HttpResponse:
    title = _("What should this office do?")
    context = {"title": title, "cards": function_cards(request), **common}
    return render(request, "office/set_up_functions.html", context)


def _people(request: HttpRequest, company: Company, common: dict) -> HttpResponse:
    form = forms.InviteForm(request.POST or None)

    def save() -> str:
        people = form.cleaned_data["people"]
        added = setting_up.add_colleagues(people, by=request.user)
        setting_up.finish(company)
        say(request, _("Your office is ready. Invited: %(count)s.") % {"count": len(added)})
        return reverse("backoffice:home")

    common["submit_label"] = _("Finish")
    title = _("Who else works here?")
    return form_page(request, form, save, title=title, **common)


PAGES = {
    "you": _you,
    "company": _company,
    "books": _books,
    "functions": _functions,
    "people": _people,
}
