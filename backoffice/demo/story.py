"""What every function needs to tell its part of the demo company's story."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random

from backoffice.demo.cast import Country
from backoffice.models import Company, Department, Party, User


@dataclass(frozen=True)
class Member:
    """Somebody on the staff, since when, for how much a year."""

    user: User
    department: Department
    since: date
    yearly_pay: Decimal
    role: str = ""


@dataclass
class Story:
    """What every function needs to tell its part: who, where, from when to when."""

    country: Country
    months: int
    seed: int
    on: date
    say: Callable[[str], None]
    company: Company = field(init=False)
    departments: dict[str, Department] = field(default_factory=dict)
    members: list[Member] = field(default_factory=list)
    parties: dict[str, list[Party]] = field(default_factory=dict)

    @property
    def begins_on(self) -> date:
        """The first day told of: so many whole months before the one we are in."""
        first = self.on.year * 12 + self.on.month - 1 - self.months
        return date(first // 12, first % 12 + 1, 1)

    def random(self, chapter: str) -> Random:
        """The chance of one chapter, so that no chapter changes another."""
        return Random(f"{self.seed}:{chapter}")  # noqa: S311 - the same each time is the point

    def people(self, department: str) -> list[Member]:
        """Who works in a department, its manager first."""
        return [m for m in self.members if m.department == self.departments[department]]

    def holders(self, role: str) -> list[User]:
        """Who holds a role; the owner does what nobody was hired for."""
        return [m.user for m in self.members if m.role == role] or [self.members[0].user]
