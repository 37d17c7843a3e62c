"""The value types: they know no command syntax, and no command knows their layout.

value       what they all are; packed: a small one in one piece; encoding: what OBJECT says
string, hash, list, set, sorted_set, stream
            one file each, with what they are made of beside them
members     what several tables of members have in common
"""
