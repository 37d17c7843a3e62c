"""Eviction: which keys make room when the memory is full, and what must be known for that.

eviction    looks for them, as maxmemory-policy says, and deletes them
uses        when and how often each key was used
watched     the tables of keys while they keep that, and how much memory each key takes
use_watch   whether they do
"""
