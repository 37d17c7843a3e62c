"""What a person looks at: keys as a tree, values by type; scripts and functions. No Jupyter here.

It reads the data as they lie there, for whoever has the engine, and changes nothing but through
commands: expired keys are left for others to delete.
"""
