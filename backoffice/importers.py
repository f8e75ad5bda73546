"""What the office itself brings in from files: parties and staff."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from babel import Locale
from django.core.validators import validate_email
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice import giving
from backoffice.errors import Refused
from backoffice.imports import Column, Importer
from backoffice.models import Address, Company, Department, Party, User
from backoffice.phones import e164
from backoffice.record_importer import Cells, RecordImporter, RowFailed, choice_of

ADDRESS = ("street", "more", "postcode", "city", "region", "country")


class PeopleImporter(RecordImporter):
    """What the importers of people share: how they are reached."""

    def read_email(self, text: str) -> str | None:
        if text:
            validate_email(text)
        return text.lower()

    def read_phone(self, text: str) -> str:
        return e164(text, country=self._country) if text else ""

    @cached_property
    def _country(self) -> str | None:
        company = Company.objects.first()
        return company.country if company else None


class PartyImporter(PeopleImporter):
    """People and firms outside, with an address, a phone and an e-mail each."""

    kind = "parties"
    label = gettext_lazy("Parties")
    purpose = gettext_lazy("Customers, suppliers and contacts from an address book.")
    area = "directory"
    model = Party
    keys = ("name", "email")
    found_later = ("works_for",)
    columns = (
        Column(
            "name",
            gettext_lazy("Name"),
            required=True,
            example="Bluefin Logistics",
            aliases=("company", "customer", "supplier", "full name", "display name"),
        ),
        Column(
            "kind", gettext_lazy("Kind"), help=gettext_lazy("organisation or person"),
            example="organisation", aliases=("type",),
        ),
        Column("legal_name", gettext_lazy("Legal name")),
        Column("works_for", gettext_lazy("Works for"), help=gettext_lazy("its name")),
        Column("email", gettext_lazy("E-mail"), aliases=("email address", "mail")),
        Column("phone", gettext_lazy("Phone"), aliases=("telephone", "phone number", "mobile")),
        Column("street", gettext_lazy("Street and number"), aliases=("address", "address line 1")),
        Column("more", gettext_lazy("Building, floor"), aliases=("address line 2",)),
        Column("postcode", gettext_lazy("Postcode"), aliases=("zip", "zip code", "postal code")),
        Column("city", gettext_lazy("City"), aliases=("town",)),
        Column("region", gettext_lazy("State or region"), aliases=("state", "county")),
        Column(
            "country", gettext_lazy("Country"), example="IE",
            help=gettext_lazy("two letters or its English name"),
        ),
        Column("website", gettext_lazy("Website"), aliases=("url", "web")),
        Column("note", gettext_lazy("Note"), aliases=("notes", "comment")),
    )  # fmt: skip

    def read_kind(self, text: str) -> str:
        return choice_of(text, Party.Kind.choices) if text else Party.Kind.ORGANISATION

    def read_works_for(self, text: str) -> Party | None:
        if not text:
            return None
        known = Party.objects.filter(kind=Party.Kind.ORGANISATION, name__iexact=text)
        found = list(known.order_by("pk")[:2])
        if len(found) != 1:
            raise Refused(
                _("There is no one organisation called %(name)s: bring it in first.")
                % {"name": text}
            )
        return found[0]

    def read_country(self, text: str) -> str:
        code = self._codes_of_countries.get(text.casefold(), text.upper())
        if text and not (len(code) == 2 and code.isascii() and code.isalpha()):
            raise Refused(_("Write the country as two letters, as in IE."))
        return code

    @cached_property
    def _codes_of_countries(self) -> dict[str, str]:
        """ISO 3166 codes by the English names of the countries."""
        names = Locale("en").territories.items()
        return {name.casefold(): code for code, name in names if code.isalpha()}

    def having(self, key: str) -> models.QuerySet:
        if self.key == "email":
            found = Party.objects.filter(emails__address__iexact=key)
            return found.distinct().order_by("pk")
        return super().having(key)

    def checked(self, record: Any, cells: Cells) -> None:
        super().checked(record, cells)
        address = {name: cells.more.get(name, "") for name in ADDRESS}
        if any(address.values()):
            needed = [n for n in ("street", "city", "country") if not address[n]]
            if needed and "country" in needed and self._country:
                needed.remove("country")
            if needed:
                sentence = _("An address has a street, a city and a country.")
                raise RowFailed(dict.fromkeys(needed, sentence))

    def save_more(self, record: Any, more: Mapping[str, Any]) -> bool:
        party, is_new = record, False
        if more.get("email"):
            address = more["email"]
            if not party.emails.filter(address__iexact=address).exists():
                party.emails.create(address=address)
                is_new = True
        if more.get("phone"):
            is_new |= party.phones.get_or_create(number=more["phone"])[1]
        address = {name: more.get(name, "") for name in ADDRESS}
        if any(address.values()):
            address["country"] = address["country"] or self._country or ""
            found = party.addresses.filter(**address).exists()
            if not found:
                party.addresses.create(**self._fitting(address))
                is_new = True
        return is_new

    def _fitting(self, address: dict[str, str]) -> dict[str, str]:
        """The address, refused where a part is longer than its field."""
        for name, text in address.items():
            longest = Address._meta.get_field(name).max_length  # type: ignore[union-attr]
            if longest and len(text) > longest:
                sentence = _("This is longer than %(most)s characters.") % {"most": longest}
                raise RowFailed({name: sentence})
        return address


class StaffImporter(PeopleImporter):
    """Everybody on the staff, with or without a login; roles are given on their own page."""

    kind = "staff"
    label = gettext_lazy("Staff")
    purpose = gettext_lazy("The people who work here and their departments.")
    area = "office"
    model = User
    keys = ("email", "name")
    columns = (
        Column(
            "name", gettext_lazy("Name"), required=True, example="Tom Brandt",
            aliases=("full name", "employee", "person"),
        ),
        Column(
            "email", gettext_lazy("E-mail"), example="tom@example.com",
            aliases=("email address", "mail"),
        ),
        Column("job_title", gettext_lazy("Job title"), aliases=("title", "position", "role")),
        Column("phone", gettext_lazy("Phone"), aliases=("telephone", "mobile")),
        Column(
            "department", gettext_lazy("Department"), help=gettext_lazy("its code or name"),
            aliases=("team",),
        ),
    )  # fmt: skip

    def read_email(self, text: str) -> str | None:
        return super().read_email(text) or None

    def read_department(self, text: str) -> Department:
        if not text:
            return self._root
        known = models.Q(code__iexact=text) | models.Q(name__iexact=text)
        found = Department.objects.filter(known).order_by("pk").first()
        if found is None:
            raise Refused(_("There is no department “%(name)s”.") % {"name": text})
        return found

    def new(self, cells: Cells) -> User:
        user = User(**{"department": self._root, **cells.facts})
        user.set_unusable_password()
        return user

    def checked(self, record: Any, cells: Cells) -> None:
        super().checked(record, cells)
        kept = record.pk and User.objects.get(pk=record.pk)
        if kept and kept.email != record.email:
            try:
                giving.check_person(self.by, kept)
            except Refused as refusal:
                raise RowFailed({"email": str(refusal)}) from refusal

    @cached_property
    def _root(self) -> Department:
        found = Department.objects.filter(parent=None).first()
        if found is None:
            raise Refused(_("Set up the company first: it has no department yet."))
        return found


OFFICE: tuple[type[Importer], ...] = (PartyImporter, StaffImporter)
