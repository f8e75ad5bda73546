"""The company itself: departments, people, roles, rooms."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain, cycle, islice
from random import Random

from django.utils.text import slugify

from backoffice.demo.cast import (
    CREW,
    DEPARTMENTS,
    FICTION,
    FIRST_NAMES,
    LAST_NAMES,
    POSITIONS,
    Position,
)
from backoffice.demo.story import Member, Story
from backoffice.departments import appoint_manager, open_function
from backoffice.functions import all_functions
from backoffice.models import Company, Department, Role, Room, Site, User
from backoffice.staff import assign

MAIL_DOMAIN = "harbour-and-pine.example"
HIRED_DURING_THE_STORY = Decimal("0.12")
OLDEST_HAND_IN_DAYS = 3300


def found_company(story: Story) -> None:
    """Enter the company."""
    country = story.country
    story.company = Company.objects.create(
        name=country.name,
        legal_name=country.legal_name,
        country=country.code,
        currency_id=country.currency,
        fiscal_year_starts_in=country.year_starts_in,
        time_zone=country.time_zone,
        language=country.language,
        is_demo=True,
    )


def open_departments(story: Story) -> None:
    """The company as a department, its three trades, and all six functions."""
    root = Department.objects.create(name=story.company.name, code="HP")
    story.departments["company"] = root
    for key, name in DEPARTMENTS:
        story.departments[key] = Department.objects.create(
            name=name, code=key.upper(), parent=root
        )
    for function in all_functions():
        story.departments[function.label] = open_function(
            function.label, on=story.begins_on, by=None
        )


def hire(story: Story, employees: int) -> None:
    """Put people on the staff; nobody gets a password, so nobody can sign in with one."""
    random = story.random("staff")
    names = new_names(random, taken={position.name for position in POSITIONS})
    founders = employees - int(employees * HIRED_DURING_THE_STORY)
    days_told = (story.on - story.begins_on).days
    telephone = telephones(story.country.dialling, random)
    for number, position in enumerate(positions(employees)):
        name = position.name or next(names)
        department = story.departments[position.department]
        user = User.objects.create_user(
            f"{slugify(name).replace('-', '.')}@{MAIL_DOMAIN}",
            name=name,
            job_title=position.title,
            phone=next(telephone),
            department=department,
        )
        since = story.begins_on - timedelta(
            days=OLDEST_HAND_IN_DAYS * (founders - number) // founders - random.randint(0, 40)
        )
        if number >= founders:
            since = story.begins_on + timedelta(
                days=days_told * (number - founders + 1) // (employees - founders + 1)
            )
        pay = yearly_pay(position, story, random)
        story.members.append(
            Member(user, department, min(since, story.on), pay, role=position.role)
        )


def positions(employees: int) -> Iterator[Position]:
    """So many places on the staff, the most needed first."""
    return islice(chain(POSITIONS, cycle(CREW)), employees)


def new_names(random: Random, *, taken: set[str]) -> Iterator[str]:
    """Names nobody has yet."""
    firsts, lasts = shuffled(FIRST_NAMES, random), shuffled(LAST_NAMES, random)
    while True:
        name = f"{next(firsts)} {next(lasts)}"
        if name not in taken:
            taken.add(name)
            yield name


def shuffled(words: str, random: Random) -> Iterator[str]:
    """The words in any order; none comes again before all were used."""
    found = words.split()
    while True:
        yield from random.sample(found, len(found))


def yearly_pay(position: Position, story: Story, random: Random) -> Decimal:
    """What the position pays, give or take a little, in whole hundreds."""
    pay = position.pay * story.country.pay_factor * random.randint(96, 106) / 100
    return Decimal(int(pay) // 100 * 100)


def telephones(country: str, random: Random) -> Iterator[str]:
    """Telephone numbers set aside for fiction in the country; none comes twice in a row."""
    while True:
        for start, digits in FICTION[country]:
            yield f"{start}{random.randrange(10**digits):0{digits}}"


def appoint(story: Story) -> None:
    """Managers for all departments, and the roles people hold for the whole company."""
    root, owner = story.departments["company"], story.members[0].user
    for key, department in story.departments.items():
        people = story.people(key)
        appoint_manager(department, people[0].user if people else owner, by=None)
    roles = {role.name: role for role in Role.objects.all()}
    for member in story.members:
        if member.role:
            assign(
                member.user,
                roles[member.role],
                department=root,
                on=first_day(member, story),
                by=None,
            )


def first_day(member: Member, story: Story) -> date:
    """When the member took up the role: not before the office keeps track."""
    return max(member.since, story.begins_on)


def give_rooms(story: Story) -> None:
    """The two sites and their rooms."""
    for facts in story.country.sites:
        site = Site.objects.create(
            name=facts.name,
            street=facts.street,
            postcode=facts.postcode,
            city=facts.city,
            country=story.country.code,
            time_zone=story.country.time_zone,
        )
        Room.objects.bulk_create(
            Room(site=site, name=name, floor=floor, seats=seats, is_bookable=is_bookable)
            for name, floor, seats, is_bookable in facts.rooms
        )
