"""Data for tests, made by the product's own models."""

from tests.factories.backoffice import (
    CompanyFactory,
    DepartmentFactory,
    PartyFactory,
    RootDepartmentFactory,
    UserFactory,
    staff,
)

__all__ = [
    "CompanyFactory",
    "DepartmentFactory",
    "PartyFactory",
    "RootDepartmentFactory",
    "UserFactory",
    "staff",
]
