"""The correspondence with States: register, papers, runs, addresses."""
