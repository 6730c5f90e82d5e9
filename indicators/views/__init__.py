"""Pages of indicators: check access, make one call, render."""
