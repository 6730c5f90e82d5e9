"""Residents' answers live here and nowhere else; only aggregates that passed disclosure control leave, through one door."""
