"""What a page shows, as plain values with every number already text: made from rows, without a database."""
