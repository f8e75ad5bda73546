"""Who is in the story: countries, people, firms. All of them are invented.

These are the records of the company, in its own language, and so are not translated.
"""

from decimal import Decimal
from typing import NamedTuple


class SiteFacts(NamedTuple):
    """A site and its rooms as (name, floor, seats, bookable)."""

    name: str
    street: str
    postcode: str
    city: str
    rooms: tuple[tuple[str, str, int | None, bool], ...]


class Country(NamedTuple):
    """What differs between the companies the story is told of."""

    code: str
    name: str
    legal_name: str
    currency: str
    language: str
    time_zone: str
    year_starts_in: int
    firms_end_in: str
    pay_factor: Decimal
    dialling: str
    sites: tuple[SiteFacts, SiteFacts]
    places: tuple[tuple[str, str, str], ...]
    abroad: tuple[tuple[str, str, str, str], ...]


HOUSE_ROOMS = (
    ("Crow's Nest", "2", 12, True),
    ("Pine Room", "1", 8, True),
    ("Chart Room", "1", 6, True),
    ("Galley", "0", 20, False),
    ("Front desk", "0", 4, False),
)
YARD_ROOMS = (
    ("Bench hall", "0", None, False),
    ("Machine shop", "0", None, False),
    ("Spray booth", "0", None, False),
    ("Timber store", "0", None, False),
    ("Drawing office", "1", 6, True),
)

COUNTRIES = {
    "GB": Country(
        code="GB",
        name="Harbour & Pine Ltd",
        legal_name="Harbour & Pine Limited",
        currency="GBP",
        language="en-GB",
        time_zone="Europe/London",
        year_starts_in=4,
        firms_end_in="Ltd",
        pay_factor=Decimal("1.00"),
        dialling="GB",
        sites=(
            SiteFacts("Ropewalk House", "4 Ropewalk Rise", "TR11 9ZZ", "Falmouth", HOUSE_ROOMS),
            SiteFacts("The Yard", "Unit 7, Tollgate Basin", "PL4 9ZZ", "Plymouth", YARD_ROOMS),
        ),
        places=(
            ("Falmouth", "Cornwall", "TR11 3"),
            ("Truro", "Cornwall", "TR1 2"),
            ("Plymouth", "Devon", "PL1 3"),
            ("Exeter", "Devon", "EX4 3"),
            ("Bristol", "", "BS1 6"),
            ("Cardiff", "", "CF10 4"),
            ("Southampton", "Hampshire", "SO14 3"),
            ("Poole", "Dorset", "BH15 1"),
        ),
        abroad=(
            ("IE", "Cork", "", "T12 XY0"),
            ("FR", "La Rochelle", "", "17000"),
            ("IE", "Galway", "", "H91 XY0"),
        ),
    ),
    "US": Country(
        code="US",
        name="Harbour & Pine Inc.",
        legal_name="Harbour & Pine Incorporated",
        currency="USD",
        language="en-US",
        time_zone="America/New_York",
        year_starts_in=1,
        firms_end_in="LLC",
        pay_factor=Decimal("1.35"),
        dialling="US",
        sites=(
            SiteFacts("Ropewalk House", "4 Ropewalk Rise", "04101", "Portland", HOUSE_ROOMS),
            SiteFacts("The Yard", "7 Tollgate Basin", "04401", "Bangor", YARD_ROOMS),
        ),
        places=(
            ("Portland", "ME", "0410"),
            ("Camden", "ME", "0484"),
            ("Bath", "ME", "0453"),
            ("Portsmouth", "NH", "0380"),
            ("Burlington", "VT", "0540"),
            ("Newburyport", "MA", "0195"),
            ("Mystic", "CT", "0635"),
            ("Newport", "RI", "0284"),
        ),
        abroad=(
            ("IE", "Cork", "", "T12 XY0"),
            ("GB", "Falmouth", "Cornwall", "TR11 3"),
            ("FR", "La Rochelle", "", "17000"),
        ),
    ),
}

# Numbers set aside for fiction, so that nobody's telephone rings: the start, and how many
# digits are free after it.
FICTION = {
    "GB": (("+442079460", 3), ("+441632960", 3), ("+441174960", 3), ("+447700900", 3)),
    "US": (("+120755501", 2), ("+160355501", 2), ("+161755501", 2), ("+140155501", 2)),
    "IE": (("+3532091", 5),),
    "FR": (("+3353649", 4),),
}


class Position(NamedTuple):
    """A place on the staff: where, what as, for how much a year in pounds."""

    department: str
    title: str
    pay: int
    role: str = ""
    name: str = ""


# In the order in which a company hires them. The first of a department manages it.
POSITIONS = (
    Position("company", "Managing director", 96000, "Owner", "Ines Moreau"),
    Position("accounting", "Head of finance", 62000, "Accountant", "Daniel Orrin"),
    Position("workshop", "Workshop manager", 52000, "", "Bronwen Tarrow"),
    Position("sales", "Head of sales", 58000, "", "Callum Reyd"),
    Position("fitting", "Fitting manager", 52000, "", "Marek Sulwyn"),
    Position("hr", "Head of people", 54000, "HR officer", "Priya Callory"),
    Position("accounting", "Bookkeeper", 34000, "Bookkeeper", "Hannah Vosley"),
    Position("it_assets", "IT technician", 40000, "IT technician", "Owen Farthingay"),
    Position("admin_desk", "Receptionist", 27000, "Receptionist", "Leila Haddowin"),
    Position("marketing", "Marketing lead", 46000, "Marketer", "Grace Adelow"),
    Position("payroll", "Payroll lead", 48000, "Payroll approver", "Samir Quillan"),
    Position("payroll", "Payroll administrator", 33000, "Payroll preparer", "Ruth Penderby"),
    Position("accounting", "Bookkeeper", 33000, "Bookkeeper", "Jonas Birchall"),
    Position("company", "Internal auditor", 50000, "Auditor", "Edith Marlowen"),
)
# Everybody after them, round and round.
CREW = (
    Position("workshop", "Cabinet maker", 34000),
    Position("fitting", "Site fitter", 33500),
    Position("workshop", "Joiner", 32500),
    Position("fitting", "Boat fitter", 35000),
    Position("sales", "Account manager", 38000),
    Position("workshop", "Machinist", 31500),
    Position("workshop", "Finisher", 30500),
    Position("fitting", "Site fitter", 33000),
    Position("workshop", "Draughtsperson", 37000),
    Position("sales", "Estimator", 36000),
    Position("workshop", "Upholsterer", 31500),
    Position("fitting", "Fitting apprentice", 23500),
    Position("workshop", "Apprentice joiner", 22500),
)

DEPARTMENTS = (("sales", "Sales"), ("workshop", "Workshop"), ("fitting", "Fitting"))

FIRST_NAMES = (
    "Ada Aidan Amara Anjali Arlo Beatrix Bela Cai Cerys Chidi Clara Dara Davit Delia Efua "
    "Elif Emrys Esme Farah Felix Fintan Gwen Hamza Idris Imogen Isla Jago Jun Kavya Kit "
    "Lowen Mabel Malik Merryn Nadia Nilo Orla Petra Rafi Rosa Saoirse Tamsin Teo Zoë"
)
LAST_NAMES = (
    "Abelard Ashgrove Bexley Brackwater Carrowby Coldwell Danvery Elmsford Fairlamb Fenwright "
    "Gartholt Hazelby Ingleford Jessop Kettlewick Larkham Lindqvist Marrick Nethercot Oakshaw "
    "Pellowby Quenby Rosevear Sallow Tarnby Tidewell Underhay Venning Wexcombe Yarrowby"
)

# Firms by what they are to the company; the story adds "Ltd" or "LLC" to their legal names.
CUSTOMERS = {
    "cafés": (
        "Lantern & Loaf",
        "Saltmarsh Spoon",
        "Gull & Gannet Tea Rooms",
        "Ninepence Bakehouse",
        "Marrow Lane Kitchen",
        "Brindle & Bean",
        "Foxglove Canteen",
        "Tidewrack Espresso",
        "Old Signal Tea Room",
        "Thistledown Patisserie",
        "Almanac Book Café",
        "The Quiet Ladle",
        "Copper Fern Coffee",
        "Bellweather Inns",
    ),
    "boats": (
        "Penmarrow Yacht Yard",
        "Blue Fathom Charters",
        "Sandpiper Launches",
        "Merrow Marine Refit",
        "Kestrel Point Moorings",
        "Wherry & Daughters Boatbuilders",
        "Ninth Wave Sailing School",
        "Tern Island Ferries",
    ),
    "abroad": ("Strand Hotel Glasheen", "Atelier du Môle Neuf", "Selkie Quay Hostels"),
}
SUPPLIERS = {
    "timber": (
        "Tollgate Hardwoods",
        "Quillon Timber Yard",
        "Larkhollow Plywood & Veneer",
        "Brackenside Sawmill",
    ),
    "fittings": ("Hinge & Hasp Supplies", "Tallow Lane Paints & Oils", "Weft & Webbing Fabrics"),
    "tools": ("Dovetail Edge Tools", "Kerf & Sons Machinery"),
    "subcontractors": ("Spindrift Electrical", "Pell & Marlow Plumbing"),
    "freight": ("Bluefin Logistics",),
    "rent": ("Ropewalk Estates",),
    "energy": ("Brightwater Energy",),
    "insurance": ("Steadfast Quay Insurance",),
    "phones": ("Semaphore Telecom",),
    "software": ("Cloudberry Software",),
    "marketing": ("Paper Lantern Studio",),
    "vehicles": ("Milestone Van Leasing",),
    "travel": ("Waymark Travel Desk",),
    "advice": ("Inkwell & Rowan Accountants",),
    "cleaning": ("Bright Step Cleaning",),
    "stationery": ("Foolscap & Quire Stationers",),
}
CONTACTS = 12
STREETS = (
    "Ropewalk Lane",
    "Cooper's Yard",
    "Lower Quay",
    "Chandlers Row",
    "Tide Street",
    "Sailmakers Court",
    "Old Ferry Road",
    "Kiln Hill",
    "Orchard Terrace",
    "Bell Wharf",
)
