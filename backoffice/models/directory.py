"""Everybody outside the company: customers, suppliers, contacts, callers, visitors, senders."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from stdnum import bic, iban

from backoffice.access import Access
from backoffice.encrypted_fields import EncryptedField, KeyBeforeInsert, MarkField
from backoffice.phones import PhoneField


class Party(models.Model):
    """A person or organisation outside the company, recorded once for all functions."""

    access = Access(area="directory")

    class Kind(models.TextChoices):
        ORGANISATION = "organisation", _("organisation")
        PERSON = "person", _("person")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.ORGANISATION)
    name = models.CharField(_("name"), max_length=120)
    legal_name = models.CharField(_("legal name"), max_length=160, blank=True)
    works_for = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("works for"),
        limit_choices_to={"kind": Kind.ORGANISATION},
    )
    website = models.URLField(_("website"), blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    note = models.TextField(_("note"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        indexes = [models.Index(fields=["name", "id"], name="party_by_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("backoffice:party-detail", args=[self.pk])


class Address(models.Model):
    """Where a party can be found or written to."""

    access = Access(area="directory")

    class Kind(models.TextChoices):
        MAIN = "main", _("main")
        BILLING = "billing", _("billing")
        DELIVERY = "delivery", _("delivery")

    party = models.ForeignKey(Party, models.CASCADE, related_name="addresses")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.MAIN)
    street = models.CharField(_("street and number"), max_length=160)
    more = models.CharField(_("building, floor, care of"), max_length=160, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=80)
    region = models.CharField(_("state or region"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")

    def __str__(self) -> str:
        parts = (self.street, self.more, f"{self.postcode} {self.city}".strip(), self.country)
        return ", ".join(part for part in parts if part)


class Phone(models.Model):
    """A telephone number, kept in the international form of ITU-T E.164."""

    access = Access(area="directory")

    party = models.ForeignKey(Party, models.CASCADE, related_name="phones")
    label = models.CharField(_("label"), max_length=30, blank=True)
    number = PhoneField(_("number"))

    class Meta:
        verbose_name = _("phone")
        verbose_name_plural = _("phones")
        constraints = [
            models.CheckConstraint(
                condition=Q(number__regex=r"^\+[1-9][0-9]{3,14}$"), name="phone_is_e164"
            )
        ]

    def __str__(self) -> str:
        return self.number


class Email(models.Model):
    """An e-mail address of a party."""

    access = Access(area="directory")

    party = models.ForeignKey(Party, models.CASCADE, related_name="emails")
    label = models.CharField(_("label"), max_length=30, blank=True)
    address = models.EmailField(_("address"))

    class Meta:
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        constraints = [
            models.UniqueConstraint(
                "party",
                Lower("address"),
                name="party_has_an_address_once",
                violation_error_message=_("This party has that address already."),
            )
        ]

    def __str__(self) -> str:
        return self.address


class BankAccount(models.Model):
    """Where a party is paid. An IBAN is checked against ISO 13616, a BIC against ISO 9362.

    IBAN and number are kept encrypted: as text they say their last four.
    """

    access = Access(area="accounting.pay")

    id = KeyBeforeInsert(primary_key=True)
    party = models.ForeignKey(Party, models.CASCADE, related_name="bank_accounts")
    holder = models.CharField(_("account holder"), max_length=140, blank=True)
    iban = EncryptedField(_("IBAN"), max_length=34, blank=True)
    iban_mark = MarkField(of="iban")
    number = EncryptedField(_("account number"), max_length=34, blank=True)
    number_mark = MarkField(of="number")
    bank_code = models.CharField(_("sort code or routing number"), max_length=20, blank=True)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    currency = models.ForeignKey(
        "Currency", models.PROTECT, null=True, blank=True, verbose_name=_("currency")
    )

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        constraints = [
            models.CheckConstraint(
                condition=~Q(iban="") | ~Q(number=""),
                name="bank_account_has_a_number",
                violation_error_message=_("Give an IBAN or an account number."),
            )
        ]

    def __str__(self) -> str:
        return str(self.iban or self.number)

    def clean(self) -> None:
        super().clean()
        self.bic = bic.compact(self.bic or "")
        if self.iban.is_readable:
            self.iban = iban.compact(self.iban.whole)
            if self.iban and not iban.is_valid(self.iban.whole):
                raise ValidationError({"iban": _("This is not a valid IBAN: check its digits.")})
        if self.bic and not bic.is_valid(self.bic):
            raise ValidationError({"bic": _("This is not a valid BIC: 8 or 11 characters.")})
