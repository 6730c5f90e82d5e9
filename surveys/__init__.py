"""Residents' answers live here alone; only aggregates that passed disclosure control leave, through one door."""
