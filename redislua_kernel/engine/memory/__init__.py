"""Memory: what the data would take on a server, and what this process takes.

estimates   what a key and its value take on a server, by what they hold
usage       MEMORY USAGE: a key, in the sizes that a server's allocator gives
gauge       all keys together, as INFO shows them and maxmemory is compared with them
clients     what a client takes, with what waits for it

limits      how much scripts, and the process, may take
machine     how much this process takes, and what there is for it
guard       a thread that looks at both now and then, and stops who takes too much
"""
