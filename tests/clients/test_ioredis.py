"""ioredis against `serve`, and its Cluster client against a cluster of one node."""

import subprocess
from pathlib import Path

from tests.servers import Server


def test_what_its_users_do_every_day(
    node_with_ioredis: dict[str, str], serve: Server, serve_cluster: Server
) -> None:
    program = Path(__file__).with_name("ioredis.js")
    done = subprocess.run(  # noqa: PLW1510  # what it prints tells more
        ["node", program, str(serve.port), str(serve_cluster.port)],
        env=node_with_ioredis,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (done.stdout, done.stderr) == ("done\n", "")
