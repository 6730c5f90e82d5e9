"""The suite. `python -m tests` (or `make test`) runs it on the best database at hand."""
