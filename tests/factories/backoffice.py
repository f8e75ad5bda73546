"""People, departments, the company."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from backoffice.models import Assignment, Company, Department, Party, Role, User


class CompanyFactory(DjangoModelFactory):
    class Meta:
        model = Company

    name = "Harbour & Pine"
    country = "IE"
    currency_id = "EUR"
    language = "en-IE"
    time_zone = "Europe/Dublin"

    @classmethod
    def _create(cls, model, *args, **facts):
        return Company.objects.first() or super()._create(model, *args, **facts)


class RootDepartmentFactory(DjangoModelFactory):
    class Meta:
        model = Department

    name = "Harbour & Pine"
    code = "HP"

    @classmethod
    def _create(cls, model, *args, **facts):
        found = Department.objects.filter(parent=None).first()
        return found or super()._create(model, *args, **facts)


class DepartmentFactory(DjangoModelFactory):
    class Meta:
        model = Department

    name = factory.Sequence("Department {}".format)
    code = factory.Sequence("D{}".format)
    parent = factory.SubFactory(RootDepartmentFactory)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    name = factory.Sequence("Robin Reed {}".format)
    email = factory.Sequence("robin{}@example.com".format)
    department = factory.SubFactory(RootDepartmentFactory)


class PartyFactory(DjangoModelFactory):
    class Meta:
        model = Party

    name = factory.Sequence("Bluefin Logistics {}".format)


def open_functions(*labels: str) -> None:
    """Departments that perform these functions, open."""
    root = RootDepartmentFactory()
    for label in labels or Department.Function.values:
        Department.objects.get_or_create(
            function=label,
            defaults={
                "name": Department.Function(label).label,
                "code": label[:12].upper(),
                "parent": root,
            },
        )


def staff(*roles: str, **facts) -> User:
    """Somebody with these roles for the whole company, all functions open."""
    open_functions()
    user = UserFactory(**facts)
    for name in roles:
        Assignment.objects.create(
            user=user,
            role=Role.objects.get(name=name),
            department=RootDepartmentFactory(),
            starts_on=date(2020, 1, 1),
        )
    return user
