"""All reads of the app's tables: a fixed number of SQL queries whatever the size, plain values or frames out.

`computation` is what the pipeline computes from; `indicator`, `compare` and `jobs` feed the pages of those names.
"""
