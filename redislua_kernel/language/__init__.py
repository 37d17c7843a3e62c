"""Lua as the notebook's language: tokens, completion, documentation. It runs nothing."""
