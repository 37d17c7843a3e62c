"""A Jupyter kernel for Redis Lua with a whole Redis scripting engine inside."""
