"""Disclosure control: what of a survey may be shown so that nobody's answer can be worked out (METHODS §5.7).

`cells` is what is counted and the decision that is stored, `suppression` what is hidden, `bounds` what can be worked
out all the same, `editions` what two publications tell together, `audit` the whole: `protect` is where to begin.
"""
