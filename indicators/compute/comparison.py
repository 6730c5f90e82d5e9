"""How two floats are compared, everywhere (METHODS, introduction): equal within 1e-12·max(1, |a|, |b|)."""

from typing import Any

import numpy as np

TOLERANCE = 1e-12


def equal(a: Any, b: Any) -> Any:
    """Equal within the tolerance; plain numbers or arrays, NaN is equal to nothing."""
    if type(a) is float and type(b) is float:  # the same inequality without arrays, twenty times as fast
        return abs(a - b) <= TOLERANCE * max(1.0, abs(a), abs(b))
    return np.abs(np.subtract(a, b)) <= TOLERANCE * np.maximum(1.0, np.maximum(np.abs(a), np.abs(b)))


def above(a: Any, b: Any) -> Any:
    """a > b beyond the tolerance."""
    return np.greater(a, b) & np.logical_not(equal(a, b))


def at_least(a: Any, b: Any) -> Any:
    """a ≥ b, or equal within the tolerance."""
    return np.greater_equal(a, b) | equal(a, b)
