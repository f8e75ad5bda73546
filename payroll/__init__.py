"""Pay, payslips and what is owed with them."""
