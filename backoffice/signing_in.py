"""How people come in: the one auth backend, the closed sign-up, one-time links, invitations."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows import reauthentication
from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import audit, giving, outbox
from backoffice.access import Level, may
from backoffice.errors import Refused
from backoffice.models import Company, OneTimeLink, User

LEVEL_OF_ACTION = {
    "view": Level.VIEW,
    "add": Level.EDIT,
    "change": Level.EDIT,
    "delete": Level.MANAGE,
}


class AccessBackend(AuthenticationBackend):
    """Signs in by e-mail and password; answers Django's permission questions from `may()`."""

    def has_perm(self, user, perm, obj=None) -> bool:
        """`app.action_model` becomes the model's area and the action's level."""
        app_label, _dot, codename = perm.partition(".")
        action, _line, model_name = codename.partition("_")
        try:
            access = apps.get_model(app_label, model_name).access
            level = LEVEL_OF_ACTION[action]
        except (LookupError, AttributeError):
            return False
        return may(user, access.area, level, obj)

    def has_module_perms(self, user, app_label) -> bool:
        """Whether any model of the app may be changed by this person."""
        models = apps.get_app_config(app_label).get_models()
        areas = {model.access.area for model in models if hasattr(model, "access")}
        return any(may(user, area, Level.EDIT) for area in areas - {"signed_in"})

    def get_all_permissions(self, user, obj=None) -> set[str]:
        """Not listed: rights are asked for, one by one."""
        return set()

    get_user_permissions = get_group_permissions = get_all_permissions


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up: people are invited."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """An address of this office, whatever host the request named."""
        uidb36, _dash, secret = key.partition("-")
        names = {"uidb36": uidb36, "key": secret}
        return settings.BASE_URL + reverse("account_reset_password_from_key", kwargs=names)

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Leave through the outbox like every other letter."""
        context = {"email": email, "company": Company.objects.first(), **context}
        message = self.render_mail(template_prefix, email, context)
        # Whatever leaves here is about an account: it lets somebody in, or tells of it.
        outbox.send(to=[email], subject=message.subject, text=message.body, is_secret=True)


def asked_for_password(request: Any) -> HttpResponse | None:
    """Where to show the password again before this goes on; None where that was just done."""
    if not request.user.has_usable_password():
        messages.error(request, _("Set a password first: this step asks for it."))
        return redirect("account_set_password")
    if reauthentication.did_recently_reauthenticate(request):
        return None
    return redirect_to_login(request.get_full_path(), reverse("account_reauthenticate"))


def make_link(user: User, *, purpose: str, minutes: int, by: User | None) -> str:
    """A one-time address that signs this person in, valid for so many minutes; recorded."""
    if not user.is_active:
        raise Refused(_("%(name)s is not active and cannot sign in.") % {"name": user})
    secret = secrets.token_urlsafe(24)
    with transaction.atomic():
        OneTimeLink.objects.create(
            user=user,
            purpose=purpose,
            secret_hash=_hash(secret),
            expires_at=timezone.now() + timedelta(minutes=minutes),
        )
        audit.record("one_time_link", user, by=by, purpose=purpose, minutes=minutes)
    return settings.BASE_URL + reverse("backoffice:welcome", args=[secret])


def find_link(secret: str) -> OneTimeLink:
    """The link of this secret, if it still works. Raises Refused."""
    link = OneTimeLink.objects.select_related("user").filter(secret_hash=_hash(secret)).first()
    if link is None or link.used_at or link.expires_at < timezone.now():
        raise Refused(_("This link has been used or is too old. Ask for a new one."))
    return link


@transaction.atomic
def use_link(secret: str, request: HttpRequest) -> OneTimeLink:
    """Sign the link's person in; the link works no more."""
    link = find_link(secret)
    used = OneTimeLink.objects.filter(pk=link.pk, used_at=None).update(used_at=timezone.now())
    if not used or not link.user.is_active:
        raise Refused(_("This link has been used or is too old. Ask for a new one."))
    login(request, link.user, backend="backoffice.signing_in.AccessBackend")
    audit.record("signed_in_by_link", link.user, by=link.user, purpose=link.purpose)
    return link


@transaction.atomic
def invite(user: User, *, by: User | None) -> None:
    """Send somebody on the staff a letter with a link to choose a password; valid a week."""
    if not user.email:
        raise Refused(_("%(name)s has no e-mail address yet.") % {"name": user}, field="email")
    giving.check_person(by, user)
    address = make_link(user, purpose=OneTimeLink.Purpose.INVITATION, minutes=7 * 24 * 60, by=by)
    company = Company.objects.get()
    context = {"user": user, "by": by, "company": company, "address": address}
    outbox.send(
        to=[user.email],
        subject=_("Your account at %(company)s") % {"company": company},
        text=render_to_string("office/invitation.txt", context),
        about=user,
        by=by,
        is_secret=True,
    )
    user.invited_at = timezone.now()
    user.save(update_fields=["invited_at"])


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
