"""The value types: they know no command syntax, and no command knows their layout."""
