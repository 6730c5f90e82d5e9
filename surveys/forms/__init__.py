"""What is typed and chosen."""
