"""Real servers through redis-py: alone imports it, and only where a server is wanted.

`target` reads where to connect, `wire` and `connection` talk, `remote` and `cluster` are the
backends (`stopping`: what the stop button does there), `spawning` starts a server of the
notebook's own, `deploying` gives libraries to many, `comparing` runs commands here and there and
looks at what is replicated (`replication`). Without redis-py's import come `target`, `errors` and
`spawning`.
"""
