"""The settings of CONFIG: what there are, which values they take, and what they are set to.

directive   the kinds of settings: numbers, sizes, switches, choices, texts
directives, idle_directives
            the table of them: what this engine has, and what it has none of
config      the values of one engine: CONFIG GET and CONFIG SET
log_levels, encoding_limits
            what the values of two kinds mean
"""
