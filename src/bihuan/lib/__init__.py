"""Pure building blocks without models and without Django: text, identifiers, masking, tables, hashing, content types."""
