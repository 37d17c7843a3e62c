"""Replies for people: what redis-cli prints, and MIME bundles."""
