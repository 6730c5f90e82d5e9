"""All reads, one file a reader."""
