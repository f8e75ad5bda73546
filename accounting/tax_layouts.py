"""The boxes of each country's return, in the order and words of its form."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Box:
    """A box of the form: what is entered in it, or what it adds and takes off."""

    name: str
    label: str
    plus: tuple[str, ...] = field(default=())
    minus: tuple[str, ...] = field(default=())
    whole: bool = False  # without the decimals, which the form leaves out


# The nine boxes of the VAT return (VAT Notice 700/12; boxes 6 to 9 leave out the pence).
GB = (
    Box("1", "VAT due on sales and other outputs"),
    Box("2", "VAT due on goods from EU states brought into Northern Ireland"),
    Box("3", "Total VAT due", plus=("1", "2")),
    Box("4", "VAT reclaimed on purchases and other inputs"),
    Box("5", "VAT to pay, or to reclaim where negative", plus=("3",), minus=("4",)),
    Box("6", "Sales and other outputs excluding VAT", whole=True),
    Box("7", "Purchases and other inputs excluding VAT", whole=True),
    Box("8", "Goods supplied from Northern Ireland to EU states", whole=True),
    Box("9", "Goods acquired in Northern Ireland from EU states", whole=True),
)

# The Kennzahlen of the Umsatzsteuer-Voranmeldung; where the form works the tax out of the net
# amount by itself it has no Kennzahl, and is shown here as "81-tax".
DE = (
    Box("81", "Steuerpflichtige Umsätze zum Steuersatz von 19 %", whole=True),
    Box("81-tax", "Steuer zu Kennzahl 81"),
    Box("86", "Steuerpflichtige Umsätze zum Steuersatz von 7 %", whole=True),
    Box("86-tax", "Steuer zu Kennzahl 86"),
    Box("87", "Steuerpflichtige Umsätze zum Steuersatz von 0 %", whole=True),
    Box("35", "Umsätze zu anderen Steuersätzen", whole=True),
    Box("36", "Steuer zu Kennzahl 35"),
    Box("41", "Innergemeinschaftliche Lieferungen an Abnehmer mit USt-IdNr.", whole=True),
    Box("43", "Weitere steuerfreie Umsätze mit Vorsteuerabzug", whole=True),
    Box("48", "Steuerfreie Umsätze ohne Vorsteuerabzug", whole=True),
    Box("89", "Innergemeinschaftliche Erwerbe zum Steuersatz von 19 %", whole=True),
    Box("89-tax", "Steuer zu Kennzahl 89"),
    Box("93", "Innergemeinschaftliche Erwerbe zum Steuersatz von 7 %", whole=True),
    Box("93-tax", "Steuer zu Kennzahl 93"),
    Box("46", "Sonstige Leistungen aus der EU (§ 13b Abs. 1 UStG)", whole=True),
    Box("47", "Steuer zu Kennzahl 46"),
    Box("84", "Andere Leistungen (§ 13b Abs. 2 UStG)", whole=True),
    Box("85", "Steuer zu Kennzahl 84"),
    Box("21", "Nicht steuerbare sonstige Leistungen (§ 18b UStG)", whole=True),
    Box("60", "Umsätze, für die der Leistungsempfänger die Steuer schuldet", whole=True),
    Box("66", "Vorsteuer aus Rechnungen von anderen Unternehmern"),
    Box("61", "Vorsteuer aus innergemeinschaftlichem Erwerb"),
    Box("62", "Entstandene Einfuhrumsatzsteuer"),
    Box("67", "Vorsteuer aus Leistungen im Sinne des § 13b UStG"),
    Box(
        "83",
        "Verbleibende Umsatzsteuer-Vorauszahlung, negativ: Überschuss",
        plus=("81-tax", "86-tax", "36", "89-tax", "93-tax", "47", "85"),
        minus=("66", "61", "62", "67"),
    ),
)

# The lines of the CA3 (form 3310-CA3); a rate's line has a net amount and a tax ("08-tax").
FR = (
    Box("A1", "Ventes, prestations de services"),
    Box("A3", "Achats de services auprès d'un assujetti non établi en France"),
    Box("A4", "Importations"),
    Box("B2", "Acquisitions intracommunautaires"),
    Box("E1", "Exportations hors UE"),
    Box("E2", "Autres opérations non imposables"),
    Box("F2", "Livraisons intracommunautaires"),
    Box("08", "Taux normal 20 % : base"),
    Box("08-tax", "Taux normal 20 % : taxe due"),
    Box("09", "Taux réduit 5,5 % : base"),
    Box("09-tax", "Taux réduit 5,5 % : taxe due"),
    Box("9B", "Taux réduit 10 % : base"),
    Box("9B-tax", "Taux réduit 10 % : taxe due"),
    Box("T6", "Taux particulier 2,1 % : base"),
    Box("T6-tax", "Taux particulier 2,1 % : taxe due"),
    Box("I1", "Importations au taux normal 20 % : base"),
    Box("I1-tax", "Importations au taux normal 20 % : taxe due"),
    Box(
        "16",
        "Total de la TVA brute due",
        plus=("08-tax", "09-tax", "9B-tax", "T6-tax", "I1-tax"),
    ),
    Box("17", "Dont TVA sur acquisitions intracommunautaires"),
    Box("19", "Biens constituant des immobilisations"),
    Box("20", "Autres biens et services"),
    Box("23", "Total TVA déductible", plus=("19", "20")),
    Box("24", "Dont TVA déductible sur importations"),
    Box("28", "TVA nette due, négative : crédit de TVA", plus=("16",), minus=("23",)),
)

LAYOUTS: dict[str, tuple[Box, ...]] = {"GB": GB, "DE": DE, "FR": FR}
