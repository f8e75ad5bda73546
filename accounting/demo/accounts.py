"""The accounts of the story, by their role or by what the story calls those without one."""

from accounting.models import Account

# Accounts without a role, by their codes in the chart of each country.
CODES = {
    "vehicles": {"GB": "1060", "US": "1540"},
    "computers": {"GB": "1050", "US": "1530"},
    "stock": {"GB": "1150", "US": "1200"},
    "deposits": {"GB": "1180", "US": "1310"},
    "employer_payable": {"GB": "2060", "US": "2220"},
    "pension_payable": {"GB": "2065", "US": "2230"},
    "profit_tax_payable": {"GB": "2070", "US": "2300"},
    "loan": {"GB": "2110", "US": "2610"},
    "capital": {"GB": "3010", "US": "3010"},
    "dividends": {"GB": "3030", "US": "3200"},
    "services": {"GB": "4020", "US": "4020"},
    "sales_abroad": {"GB": "4030", "US": "4010"},
    "subcontractors": {"GB": "5020", "US": "5020"},
    "freight": {"GB": "5030", "US": "5030"},
    "pension": {"GB": "6030", "US": "6030"},
    "rent": {"GB": "7010", "US": "7010"},
    "energy": {"GB": "7020", "US": "7020"},
    "insurance": {"GB": "7040", "US": "7040"},
    "repairs": {"GB": "7050", "US": "7050"},
    "office": {"GB": "7060", "US": "7060"},
    "phones": {"GB": "7070", "US": "7030"},
    "software": {"GB": "7080", "US": "7080"},
    "travel": {"GB": "7090", "US": "7100"},
    "entertaining": {"GB": "7100", "US": "7110"},
    "marketing": {"GB": "7110", "US": "7090"},
    "advice": {"GB": "7120", "US": "7120"},
    "vehicle_costs": {"GB": "7130", "US": "7140"},
    "interest": {"GB": "8030", "US": "8030"},
    "profit_tax": {"GB": "9010", "US": "9010"},
}


def accounts_of(country: str) -> dict[str, Account]:
    """Every account the story speaks of."""
    by_code = {account.code: account for account in Account.objects.all()}
    by_role = {account.role: account for account in by_code.values() if account.role}
    return by_role | {name: by_code[codes[country]] for name, codes in CODES.items()}
