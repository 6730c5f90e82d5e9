"""Pages: access, one call, render."""
