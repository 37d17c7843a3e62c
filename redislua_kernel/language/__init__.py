"""Lua as the notebook's language: tokens, trees, completion, help, lint. It runs nothing."""
