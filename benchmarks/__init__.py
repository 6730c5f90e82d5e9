"""Figures as ratios, each of two things measured in one run on one machine: `make bench`. Never a timed test."""
