"""What a person looks at in the data: keys as a tree, values by type. It knows no Jupyter.

It reads the data as they lie there, for whoever has the engine, and changes nothing but through
commands: expired keys are left for others to delete.
"""
