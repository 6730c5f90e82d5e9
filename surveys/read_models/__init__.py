"""What pages show: frozen, every number already text. They know no database."""
