"""What connections hear unasked.

pubsub          who listens to which channel
notifications   events of keys, published to channels
tracking        client-side caching: who has read which keys, and is told of their changes
monitors        MONITOR: every command as a line
observers       who is shown each command that ran, as the last two are
"""
