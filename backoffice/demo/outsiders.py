"""Everybody the company deals with: customers, suppliers, the people who work for them."""

import string
from collections.abc import Iterator
from random import Random

from django.utils.text import slugify
from stdnum import iban
from stdnum.us import rtn

from backoffice.bank_details import ask_for_details
from backoffice.demo.cast import CONTACTS, CUSTOMERS, STREETS, SUPPLIERS, Country
from backoffice.demo.frame import new_names, telephones
from backoffice.demo.story import Story
from backoffice.models import Address, BankAccount, Email, Party, Phone

# Neither a bank nor a clearing house has these, so no payment can ever arrive.
NO_BANK, NO_SORT_CODE, NO_ROUTING = "DEMO", "99", "99"
DIRECTORY_LABELS = ("office", "accounts", "bookings")


def introduce(story: Story) -> None:
    """Enter customers and suppliers with all a letter or a payment needs, then contacts."""
    random = story.random("directory")
    telephone = {country: telephones(country, random) for country in ("GB", "US", "IE", "FR")}
    for trade, names in {**CUSTOMERS, **SUPPLIERS}.items():
        story.parties[trade] = [
            firm(name, story, random, place, telephone)
            for name, place in zip(names, places_for(trade, story.country, random), strict=False)
        ]
    for trade in SUPPLIERS:
        for party in story.parties[trade]:
            bank_account(party, story.country, random).save()
            ask_for_details(party, by=None)
    story.parties["contacts"] = list(contacts(story, random, telephone[story.country.dialling]))


def places_for(
    trade: str, country: Country, random: Random
) -> Iterator[tuple[str, str, str, str]]:
    """Country, city, region and postcode of one firm after the other."""
    while trade == "abroad":
        yield from country.abroad
    while True:
        yield (country.code, *random.choice(country.places))


def firm(
    name: str,
    story: Story,
    random: Random,
    place: tuple[str, str, str, str],
    telephone: dict[str, Iterator[str]],
) -> Party:
    """A firm with its address, telephone and e-mail."""
    country, city, region, postcode = place
    is_home = country == story.country.code
    domain = f"{slugify(name)}.example"
    party = Party.objects.create(
        name=name,
        legal_name=f"{name} {story.country.firms_end_in}" if is_home else name,
        website=f"https://www.{domain}",
    )
    Address.objects.create(
        party=party,
        street=f"{random.randint(1, 98)} {random.choice(STREETS)}",
        postcode=whole_postcode(country, postcode, random),
        city=city,
        region=region,
        country=country,
    )
    label = random.choice(DIRECTORY_LABELS)
    Phone.objects.create(party=party, label=label, number=next(telephone[country]))
    Email.objects.create(party=party, label=label, address=f"{label}@{domain}")
    return party


def whole_postcode(country: str, start: str, random: Random) -> str:
    """The postcode with what the place leaves open."""
    if country == "GB":
        return start + "".join(random.choices("ABDEFGHJLNPQRSTUWXYZ", k=2))
    if country == "US":
        return f"{start}{random.randint(1, 9)}"
    return start


def bank_account(party: Party, country: Country, random: Random) -> BankAccount:
    """Where the party would be paid: right in form and check digits, at a bank there is not."""
    account = BankAccount(party=party, holder=party.legal_name, currency_id=country.currency)
    number = "".join(random.choices(string.digits, k=8))
    branch = "".join(random.choices(string.digits, k=4))
    if country.code == "GB":
        rest = f"{NO_BANK}{NO_SORT_CODE}{branch}{number}"
        account.iban = f"GB{iban.calc_check_digits(f'GB00{rest}')}{rest}"
    else:
        routing = f"{NO_ROUTING}{branch}{number[:2]}"
        account.bank_code = f"{routing}{rtn.calc_check_digit(routing)}"
        account.number = f"{number}{branch[:2]}"
    account.full_clean()
    return account


def contacts(story: Story, random: Random, telephone: Iterator[str]) -> Iterator[Party]:
    """People who work for some of the firms."""
    taken = {member.user.name for member in story.members}
    firms = [party for trade in (*CUSTOMERS, *SUPPLIERS) for party in story.parties[trade]]
    for name, employer in zip(
        new_names(random, taken=taken), random.sample(firms, CONTACTS), strict=False
    ):
        person = Party.objects.create(kind=Party.Kind.PERSON, name=name, works_for=employer)
        Phone.objects.create(party=person, label="mobile", number=next(telephone))
        address = f"{slugify(name).replace('-', '.')}@{slugify(employer.name)}.example"
        Email.objects.create(party=person, address=address)
        yield person
