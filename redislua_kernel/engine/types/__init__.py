"""The value types: they know no command syntax, and no command knows their layout.

value       what they all are; packed: a small one in one piece; encoding: what OBJECT says
string, hash, list, set, sorted_set, stream
            one file each; what some are made of: two_ended, score_order, stream_node,
            stream_group, stream_radix
members     what several tables of members have in common
"""
