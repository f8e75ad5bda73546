"""What every office starts with: the currencies of ISO 4217, the roles, the shared cache."""

from django.core.management import call_command
from django.db import migrations

# ISO 4217, list one: codes in use, by their number of decimals.
CURRENCIES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
        "CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
        "GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL "
        "MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN "
        "PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
        "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

VIEW, EDIT, APPROVE, MANAGE = 1, 2, 3, 4
BY_ASSIGNMENT, TO_MANAGERS, TO_EVERYBODY = "assignment", "managers", "everybody"
OWN, DEPARTMENT, ALL = "own", "department", "all"

EVERY_AREA = (
    "accounting",
    "accounting.pay",
    "accounting.close",
    "hr",
    "hr.private",
    "hr.leave",
    "hr.hiring",
    "payroll",
    "payroll.run",
    "marketing",
    "marketing.send",
    "it_assets",
    "it_assets.tickets",
    "admin_desk",
    "admin_desk.doors",
    "directory",
    "office",
    "audit",
)

# role: description, how it is given, {area: (level, reach)}
ROLES = {
    "Owner": (
        "Decides everything, including which functions the office performs.",
        BY_ASSIGNMENT,
        dict.fromkeys(EVERY_AREA, (MANAGE, ALL)),
    ),
    "Accountant": (
        "Keeps the books, approves bills, closes periods.",
        BY_ASSIGNMENT,
        {
            "accounting": (MANAGE, ALL),
            "accounting.pay": (APPROVE, ALL),
            "accounting.close": (MANAGE, ALL),
            "directory": (EDIT, ALL),
        },
    ),
    "Bookkeeper": (
        "Enters invoices, bills and journal entries.",
        BY_ASSIGNMENT,
        {"accounting": (EDIT, ALL), "accounting.pay": (EDIT, ALL), "directory": (EDIT, ALL)},
    ),
    "HR officer": (
        "Hires, employs and keeps the staff's records.",
        BY_ASSIGNMENT,
        {
            "hr": (MANAGE, ALL),
            "hr.private": (EDIT, ALL),
            "hr.leave": (APPROVE, ALL),
            "hr.hiring": (MANAGE, ALL),
            "office": (VIEW, ALL),
        },
    ),
    "Payroll preparer": (
        "Prepares pay runs; another person approves them.",
        BY_ASSIGNMENT,
        {"payroll": (EDIT, ALL), "payroll.run": (EDIT, ALL), "hr": (VIEW, ALL)},
    ),
    "Payroll approver": (
        "Approves pay runs another person prepared.",
        BY_ASSIGNMENT,
        {"payroll": (VIEW, ALL), "payroll.run": (APPROVE, ALL)},
    ),
    "Marketer": (
        "Builds segments and campaigns and sends them.",
        BY_ASSIGNMENT,
        {"marketing": (MANAGE, ALL), "marketing.send": (EDIT, ALL), "directory": (EDIT, ALL)},
    ),
    "IT technician": (
        "Looks after hardware, software and tickets.",
        BY_ASSIGNMENT,
        {"it_assets": (EDIT, ALL), "it_assets.tickets": (MANAGE, ALL), "office": (VIEW, ALL)},
    ),
    "Receptionist": (
        "Answers the phone, handles mail, receives visitors.",
        BY_ASSIGNMENT,
        {"admin_desk": (EDIT, ALL), "directory": (EDIT, ALL), "office": (VIEW, ALL)},
    ),
    "Auditor": (
        "Reads the books and the trail; changes nothing.",
        BY_ASSIGNMENT,
        {"accounting": (VIEW, ALL), "audit": (VIEW, ALL), "office": (VIEW, ALL)},
    ),
    "Manager": (
        "What every manager may do for the own department, without being assigned.",
        TO_MANAGERS,
        {
            "hr": (VIEW, DEPARTMENT),
            "hr.leave": (APPROVE, DEPARTMENT),
            "office": (VIEW, DEPARTMENT),
        },
    ),
    "Self": (
        "What everybody on the staff may do.",
        TO_EVERYBODY,
        {
            "hr": (VIEW, OWN),
            "hr.leave": (EDIT, OWN),
            "payroll": (VIEW, OWN),
            "it_assets": (VIEW, OWN),
            "it_assets.tickets": (EDIT, OWN),
            "admin_desk": (VIEW, ALL),
        },
    ),
}


def load(apps, schema_editor) -> None:
    """Enter the currencies and the shipped roles."""
    Currency = apps.get_model("backoffice", "Currency")
    Role = apps.get_model("backoffice", "Role")
    Grant = apps.get_model("backoffice", "Grant")
    Currency.objects.bulk_create(
        Currency(code=code, minor_unit=minor_unit)
        for minor_unit, codes in CURRENCIES.items()
        for code in codes.split()
    )
    for name, (description, given, grants) in ROLES.items():
        role = Role.objects.create(name=name, description=description, given=given)
        Grant.objects.bulk_create(
            Grant(role=role, area=area, level=level, reach=reach)
            for area, (level, reach) in grants.items()
        )


def make_cache_table(apps, schema_editor) -> None:
    """Make the table all web processes share their rate limits in."""
    call_command("createcachetable", "cache", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0002_guard_departments")]

    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
    ]
