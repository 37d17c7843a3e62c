"""The command line: launch the kernel, serve RESP, run one script, grade, install the kernelspec.

Jupyter calls `python -m redislua_kernel -f CONNECTION_FILE`; whatever is no subcommand goes
to the kernel. The rooms are imported by the subcommand that needs them, so that each one
starts fast. Much is made then and little thrown away: Python's cycle collector, which would
take a fifth of a start, waits for its end.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import gc
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from redislua_kernel import __version__
from redislua_kernel.quantities import count_of

if TYPE_CHECKING:
    from redislua_kernel.engine.engine import Engine

__all__ = ["main"]

_KERNEL = "redislua"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand, or the kernel; give the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and (words[0] in ("-h", "--help", "--version") or not words[0].startswith("-")):
        parser = _parser()
        options, rest = parser.parse_known_args(words)
        if rest and not (hasattr(options, "settings") and rest[0].startswith("--")):
            parser.error(f"unrecognized arguments: {' '.join(rest)}")
        options.settings = rest
        command: Callable[[argparse.Namespace], int] = options.command
        return command(options)
    return _launch_kernel(words)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m redislua_kernel",
        description="Redis Lua without a server. Without a subcommand: the Jupyter kernel.",
    )
    parser.add_argument("--version", action="version", version=f"Redis Lua {__version__}")
    commands = parser.add_subparsers(required=True, metavar="SUBCOMMAND")

    serve = commands.add_parser(
        "serve",
        help="serve the embedded engine over RESP2 and RESP3",
        epilog="What CONFIG SET can set may be given too: --requirepass secret --maxclients 100",
        allow_abbrev=False,
    )
    serve.add_argument("--port", type=_port, default=6379, help="0: any free one (default: 6379)")
    serve.add_argument("--bind", default="127.0.0.1", metavar="HOST", help="default: 127.0.0.1")
    serve.add_argument("--unixsocket", type=Path, metavar="PATH", help="listen there too")
    serve.add_argument(
        "--dialect",
        choices=("redis", "valkey"),
        default="redis",
        help="whose answers to give: Redis 8.2.3's or Valkey 9.1.2's (default: redis)",
    )
    serve.add_argument(
        "--cluster-enabled",
        choices=("yes", "no"),
        default="no",
        help="be the only node of a cluster (default: no)",
    )
    serve.add_argument("--dir", type=_directory, metavar="PATH", help="where the RDB file is")
    serve.add_argument(
        "--dbfilename", metavar="NAME", help="the RDB file: loaded if it is there; SAVE writes it"
    )
    serve.set_defaults(command=_serve, settings=[])

    run = commands.add_parser(
        "run",
        help="run one script, as redis-cli --eval does",
        usage="python -m redislua_kernel run [-2|-3] [-e] script.lua [KEY ...] [, ARG ...]",
    )
    resp = run.add_mutually_exclusive_group()
    resp.add_argument("-2", dest="resp", action="store_const", const=2, default=2, help="RESP2")
    resp.add_argument("-3", dest="resp", action="store_const", const=3, help="RESP3")
    run.add_argument("-e", dest="fails", action="store_true", help="exit with 1 on an error reply")
    run.add_argument("script", help="the file with the script")
    run.add_argument("words", nargs=argparse.REMAINDER, help="keys, a lone comma, arguments")
    run.set_defaults(command=_run)

    grade = commands.add_parser(
        "grade",
        help="run the tests of a lesson on what others have made of it",
        epilog="For people on a terminal; in a pipe as CSV.",
    )
    grade.add_argument("lesson", type=Path, help="the notebook with the tests")
    grade.add_argument("notebooks", type=Path, nargs="+", help="those to grade")
    grade.set_defaults(command=_grade)

    install = commands.add_parser("install", help="register the kernel with Jupyter")
    where = install.add_mutually_exclusive_group()
    where.add_argument("--user", action="store_true", help="for this user (the default)")
    where.add_argument("--sys-prefix", action="store_true", help="into this environment")
    where.add_argument("--prefix", metavar="DIRECTORY", help="under this directory")
    install.set_defaults(command=_install)
    return parser


def _port(word: str) -> int:
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(f"{word} is no port: 0 to 65535 are")
    return int(word)


def _directory(word: str) -> Path:
    path = Path(word)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{word} is no directory")
    return path


def _launch_kernel(words: list[str]) -> int:
    from redislua_kernel import kernel  # noqa: PLC0415

    kernel.main(words)
    return 0


def _serve(options: argparse.Namespace) -> int:
    from redislua_kernel.engine.engine import Engine  # noqa: PLC0415
    from redislua_kernel.errors import RedisError  # noqa: PLC0415
    from redislua_kernel.server import Server  # noqa: PLC0415

    engine = Engine(cluster=options.cluster_enabled == "yes", dialect=options.dialect)
    try:
        engine.config.set(_settings(options.settings))
        _load_data(engine, options)
    except (OSError, RedisError) as error:
        print(error, file=sys.stderr)
        return 1
    server = Server(engine, options.bind, options.port, unix_socket=options.unixsocket)

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        running = asyncio.ensure_future(server.run(announce))
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.request_stop)
        await running

    def announce() -> None:
        print(f"Ready to accept connections on {options.bind}:{server.port}", flush=True)
        gc.collect()
        _let_collect()

    try:
        asyncio.run(serve())
    except OSError as error:
        print(f"Could not listen: {error}", file=sys.stderr)
        return 1
    # A script may still be running on its thread: nothing waits for it.
    sys.stdout.flush()
    os._exit(0)


def _settings(words: Sequence[str]) -> list[tuple[bytes, bytes]]:
    """Read settings as redis-server takes them: --name value, some with several words."""
    settings: list[tuple[str, list[str]]] = []
    for word in words:
        if word.startswith("--"):
            settings.append((word[2:], []))
        else:
            settings[-1][1].append(word)
    return [(os.fsencode(name), os.fsencode(" ".join(values))) for name, values in settings]


def _load_data(engine: Engine, options: argparse.Namespace) -> None:
    """Let the engine begin with the RDB file that the options name, if it is there."""
    if options.dir:
        engine.config.put(b"dir", os.fsencode(Path(options.dir).absolute()))
    if options.dbfilename:
        engine.config.put(b"dbfilename", os.fsencode(options.dbfilename))
    path = engine.persistence.path
    if (options.dir or options.dbfilename) and path.exists():
        print(f"Loaded {count_of(engine.persistence.load(path), 'key')} from {path}")


def _let_collect() -> None:
    """Let the cycle collector work; what is there by now stays, and is not looked through."""
    gc.freeze()
    gc.enable()


def _run(options: argparse.Namespace) -> int:
    from redislua_kernel.cells import keys_and_args  # noqa: PLC0415
    from redislua_kernel.engine.engine import Engine  # noqa: PLC0415
    from redislua_kernel.errors import ResponseError  # noqa: PLC0415
    from redislua_kernel.projects import ProjectError  # noqa: PLC0415
    from redislua_kernel.projects.includes import Assembly  # noqa: PLC0415
    from redislua_kernel.render.terminal import format_raw, format_terminal  # noqa: PLC0415

    path = Path(options.script)
    try:
        path.read_bytes()
        script = Assembly(path, path.parent).code
    except OSError as error:
        print(f"Can't open file '{options.script}': {error.strerror}", file=sys.stderr)
        return 1
    except ProjectError as error:
        print(error, file=sys.stderr)
        return 1
    keys, args = keys_and_args([os.fsencode(word) for word in options.words])
    client = Engine().client()
    _let_collect()
    client.resp = options.resp
    try:
        reply = client.execute("EVAL", script, len(keys), *keys, *args)
    except ResponseError as error:
        reply = error
    failed = isinstance(reply, ResponseError) and options.fails
    # Like redis-cli: for people on a terminal (or FAKETTY), for programs in a pipe.
    terminal = sys.stdout.isatty() or "FAKETTY" in os.environ
    if failed:
        output, stream = format_raw(reply, options.resp).removesuffix(b"\n"), sys.stderr
    else:
        output = (format_terminal if terminal else format_raw)(reply, options.resp)
        stream = sys.stdout
    stream.buffer.write(output + b"\n")
    stream.flush()
    return int(failed)


def _grade(options: argparse.Namespace) -> int:
    try:
        from redislua_kernel.integrations.grading import grade, read_tests  # noqa: PLC0415
    except ModuleNotFoundError as error:  # it comes with JupyterLab, and Notebook
        print(f"grade needs {error.name}: pip install {error.name}", file=sys.stderr)
        return 1
    rows = csv.writer(sys.stdout, lineterminator="\n")
    terminal = sys.stdout.isatty()
    try:
        tests = read_tests(options.lesson)
    except (OSError, ValueError) as error:  # no file, or no notebook
        print(f"{options.lesson} cannot be read: {error}", file=sys.stderr)
        return 1
    if not terminal:
        rows.writerow(["notebook", "passed", "tests", "failed"])
    unread = 0
    for path in options.notebooks:
        try:
            passed, failed = grade(path, tests)
        except (OSError, ValueError) as error:
            print(f"{path} cannot be read: {error}", file=sys.stderr)
            unread += 1
            continue
        if terminal:
            print(f"{path}: {len(passed)} of {len(tests)}", *failed, sep="\n  failed  ", flush=True)
        else:
            rows.writerow([path, len(passed), len(tests), "; ".join(failed)])
    return int(unread > 0)


def _install(options: argparse.Namespace) -> int:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel  # noqa: PLC0415

    specs = KernelSpecManager()
    try:
        packaged = specs.get_kernel_spec(_KERNEL).resource_dir
    except NoSuchKernel:
        print("The kernelspec is missing: run pip install once more.", file=sys.stderr)
        return 1
    prefix = sys.prefix if options.sys_prefix else options.prefix
    with TemporaryDirectory() as directory:
        copy = Path(directory, _KERNEL)
        shutil.copytree(packaged, copy)
        spec = json.loads((copy / "kernel.json").read_text())
        # Another environment's Jupyter must find the Python that has this package.
        spec["argv"][0] = sys.executable
        (copy / "kernel.json").write_text(json.dumps(spec, indent=1))
        try:
            where = specs.install_kernel_spec(str(copy), _KERNEL, user=not prefix, prefix=prefix)
        except OSError as error:
            print(f"Could not install the kernelspec: {error}", file=sys.stderr)
            return 1
    print(f"Installed the kernelspec in {where}")
    return 0


if __name__ == "__main__":
    gc.disable()
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # who ends a script so has seen enough
        sys.exit(128 + signal.SIGINT)
