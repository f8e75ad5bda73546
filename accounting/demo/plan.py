"""What the company means to earn and spend: its size, its seasons, the rates of its country."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from random import Random
from typing import NamedTuple

from backoffice.demo.story import Story

USUAL_STAFF = 40
LARGEST = Decimal(4)  # times the usual; beyond it only sums grow, not how many there are
RAISE = Decimal("1.03")
MATERIALS, SUBCONTRACTORS, MARGIN = Decimal("0.31"), Decimal("0.05"), Decimal("0.055")
DEPRECIATION = Decimal(2800)
# Boats are fitted out in spring, cafés before the summer and before the winter.
SEASONS = [
    Decimal(percent) / 100 for percent in (92, 98, 108, 111, 108, 104, 99, 86, 102, 106, 102, 84)
]


class Rates(NamedTuple):
    """Shares of sales, bills, pay and profit; close to the law, but not the law."""

    sales_tax: Decimal
    purchase_tax: Decimal
    withheld: Decimal
    employer: Decimal
    own_pension: Decimal
    employer_pension: Decimal
    profit_tax: Decimal


RATES = {
    "GB": Rates(*map(Decimal, ("0.20", "0.20", "0.193", "0.112", "0.05", "0.03", "0.25"))),
    "US": Rates(*map(Decimal, ("0.055", "0", "0.215", "0.083", "0.04", "0.03", "0.26"))),
}


class Overhead(NamedTuple):
    """A bill that comes every month: what a company of the usual size pays, before tax."""

    supplier: str
    account: str
    department: str
    day: int
    amount: int
    varies: int
    text: str


OVERHEADS = (
    Overhead("rent", "rent", "workshop", 1, 11400, 0, "Rent of yard and offices"),
    Overhead("vehicles", "vehicle_costs", "fitting", 2, 3100, 4, "Vans, lease and service"),
    Overhead("insurance", "insurance", "company", 3, 1850, 0, "Insurance"),
    Overhead("software", "software", "it_assets", 5, 1480, 3, "Drawing and office software"),
    Overhead("energy", "energy", "workshop", 9, 2900, 9, "Electricity and heating"),
    Overhead("phones", "phones", "it_assets", 12, 640, 5, "Telephones and internet"),
    Overhead("stationery", "office", "admin_desk", 14, 420, 25, "Paper, ink and postage"),
    Overhead("marketing", "marketing", "marketing", 18, 2600, 30, "Photographs and adverts"),
    Overhead("advice", "advice", "accounting", 20, 950, 10, "Advice on tax and contracts"),
    Overhead("freight", "freight", "workshop", 22, 2700, 15, "Deliveries to sites"),
    Overhead("travel", "travel", "fitting", 24, 1900, 20, "Travel and lodging on site"),
    Overhead("cleaning", "repairs", "company", 27, 1250, 8, "Cleaning and small repairs"),
)
WINTER = {1: 140, 2: 135, 3: 120, 4: 100, 10: 105, 11: 120, 12: 135}


class Plan:
    """The budget of the story, month by month."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.rates = RATES[story.country.code]
        self.size = Decimal(len(story.members)) / USUAL_STAFF
        self.money = story.country.pay_factor
        self.keys = {found: key for key, found in story.departments.items()}

    def scaled(self, pounds: Decimal | int) -> Decimal:
        """The sum for a company of this size in its currency."""
        return pounds * self.size * self.money

    def number(self, usual: int) -> int:
        """How many of something there are: larger companies have more, and larger ones."""
        return max(int(usual * min(self.size, LARGEST).sqrt()), 1)

    def months_to_go(self, month: date) -> int:
        """How many months before the one the story ends in."""
        on = self.story.on
        return (on.year - month.year) * 12 + on.month - month.month

    def price_level(self, month: date) -> Decimal:
        """How prices and pay of the month compare with today's: they rise once a year."""
        starts_in = self.story.country.year_starts_in
        years = [day.year - (day.month < starts_in) for day in (month, self.story.on)]
        return RAISE ** (years[0] - years[1])

    def pay(self, month: date) -> dict[str, Decimal]:
        """The gross pay of the month by department."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for member in self.story.members:
            if member.since <= month:
                found[self.keys[member.department]] += member.yearly_pay / 12
        return {key: gross * self.price_level(month) for key, gross in found.items()}

    def overhead(self, month: date, overhead: Overhead) -> Decimal:
        """What is expected of a monthly bill."""
        winter = WINTER.get(month.month, 70) if overhead.account == "energy" else 100
        return self.scaled(overhead.amount) * self.price_level(month) * winter / 100

    def revenue(self, month: date, random: Random) -> Decimal:
        """What is sold in the month, before tax: the costs of a usual month and a margin."""
        on_top = 1 + self.rates.employer + self.rates.employer_pension
        costs = sum(self.pay(month).values()) * on_top + self.scaled(DEPRECIATION)
        costs += sum(self.overhead(month, overhead) for overhead in OVERHEADS)
        usual = costs / (1 - MATERIALS - SUBCONTRACTORS - MARGIN)
        return usual * SEASONS[month.month - 1] * random.randint(96, 104) / 100
