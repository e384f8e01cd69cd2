"""What an operator runs beside the deployed stack."""
