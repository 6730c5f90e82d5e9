"""What the pages show: rows in, frozen dataclasses out, every number already a text.

Nothing is computed here: a goal's status comes from `compute.goals.propose` over stored assessments, an indicator's
numbers from its assessment.
"""
