"""What a customer does: small pure functions that know no clock, no arrays, no engine (model rules R1-R15)."""
