"""Scripts and functions called with keys and arguments: %%eval, %evalsha, %fcall, %keys, %args."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from redislua_kernel.cells import UsageError
from redislua_kernel.cells import keys_and_args as split_keys
from redislua_kernel.language.calls import sole_call
from redislua_kernel.magics.offers import at_first
from redislua_kernel.magics.registry import WrongWords, magic
from redislua_kernel.projects import ProjectError
from redislua_kernel.render.outputs import Output, Outputs, Text
from redislua_kernel.session import Session


@magic("eval")
def eval_(session: Session, *keys_and_args: bytes, body: bytes) -> Outputs:
    """Run the cell as a script with these keys and, after a lone comma, these arguments.

    %%eval user:1 , 30
    return redis.call('EXPIRE', KEYS[1], ARGV[1])
    """
    return _run(session, keys_and_args, body, readonly=False)


@magic("eval_ro")
def eval_ro(session: Session, *keys_and_args: bytes, body: bytes) -> Outputs:
    """Run the cell as a script that may not write.

    %%eval_ro user:1
    return redis.call('TTL', KEYS[1])
    """
    return _run(session, keys_and_args, body, readonly=True)


def _run(
    session: Session, words: Sequence[bytes], body: bytes, *, readonly: bool
) -> Iterator[Output]:
    yield from _habits(words)
    keys, args = split_keys(words)
    reply = session.run_script(body, keys, args, readonly=readonly)
    yield session.result(reply, command=sole_call(body, keys, args))


def _habits(words: Sequence[bytes]) -> Iterator[Text]:
    """Tell of words that were probably not meant as keys."""
    if b"," in words:
        return
    yield from _forgotten_space(words)
    first = words[0] if words else b""
    if first.isdigit() and 0 < int(first) < len(words):
        number = first.decode()
        yield Text(f"`{number}` is the name of a key here: keys are not counted\n", "stderr")


def _forgotten_space(words: Sequence[bytes]) -> Iterator[Text]:
    """Tell of a comma that was probably meant to end the keys."""
    odd = [word for word in words if len(word) > 1 and b"," in (word[:1], word[-1:])]
    if odd:
        word = odd[0].decode("utf-8", "replace")
        yield Text(
            f"`{word}` is the name of a key here: the comma before arguments stands alone\n",
            "stderr",
        )


@magic("evalsha")
def evalsha(session: Session, sha1: bytes, *keys_and_args: bytes) -> Outputs:
    """Run a script of the cache by its digest.

    %evalsha e0e1f9fabfc9d4800c877a703b823ac0578ff8db key , arg
    """
    return _call(session, "EVALSHA", sha1, keys_and_args)


@magic("evalsha_ro")
def evalsha_ro(session: Session, sha1: bytes, *keys_and_args: bytes) -> Outputs:
    """Run a script of the cache by its digest; it may not write.

    %evalsha_ro e0e1f9fabfc9d4800c877a703b823ac0578ff8db key
    """
    return _call(session, "EVALSHA_RO", sha1, keys_and_args)


@magic("fcall")
def fcall(session: Session, function: bytes, *keys_and_args: bytes) -> Outputs:
    """Call a function of a library.

    %fcall add_points player:1 , 10
    """
    return _call(session, "FCALL", function, keys_and_args)


@magic("fcall_ro")
def fcall_ro(session: Session, function: bytes, *keys_and_args: bytes) -> Outputs:
    """Call a function of a library that has the flag no-writes.

    %fcall_ro points player:1
    """
    return _call(session, "FCALL_RO", function, keys_and_args)


def _call(session: Session, command: str, name: bytes, words: Sequence[bytes]) -> Iterator[Output]:
    yield from _habits(words)
    keys, args = split_keys(words)
    reply = session.execute(command, name, len(keys), *keys, *args)
    yield session.result(reply)


@magic("call", offers=at_first("script", lambda session: session.scripts.scripts))
def call(session: Session, script: bytes, *keys_and_args: bytes) -> Outputs:
    """Call a script by its name: one of %load, or of %%script load.

    As a client library does: by its digest, and by its code if that is forgotten. If its name
    tells the number of keys, no comma is needed.

        %call release lock:a , token1
        %call release lock:a token1
    """
    name = script.decode("utf-8", "replace")
    try:
        count = session.scripts.find(name).key_count
        if count is None or b"," in keys_and_args:
            keys, args = split_keys(keys_and_args)
        else:
            keys, args = list(keys_and_args[:count]), list(keys_and_args[count:])
        reply = session.scripts.call(session.execute, name, keys, args)
    except ProjectError as error:
        raise UsageError(str(error)) from None
    return session.result(reply)


@magic("keys", usage="[key ...]")
def keys(session: Session, *keys: bytes) -> Outputs:
    """Set the KEYS of the script cells that follow; without words: none.

    %keys user:1 user:2
    """
    session.keys = list(keys)
    return ()


@magic("args", usage="[arg ...] | --name value ...")
def args(session: Session, *args: bytes) -> Outputs:
    """Set the ARGV of the script cells that follow; without words: none.

    Named ones can be changed one by one later, where they stand: that is how papermill sets its
    parameters (-p n 7).

        %args 30 "two words"
        %args --n 5 --who Ann
        %args --n 7
    """
    named = named_args(args)
    if named is None:
        session.args, session.named_args = list(args), {}
    else:
        known = session.named_args if named.keys() <= session.named_args.keys() else {}
        session.named_args = {**known, **named}
        session.args = list(session.named_args.values())
    return ()


def named_args(words: Sequence[bytes]) -> dict[bytes, bytes] | None:
    """Read `--name value …`; None: the words are plain arguments. Raises WrongWords."""
    if not (words and words[0].startswith(b"--")):
        return None
    names, values = words[::2], words[1::2]
    if len(names) != len(values) or not all(name[:2] == b"--" and name[2:] for name in names):
        raise WrongWords
    return {name[2:]: value for name, value in zip(names, values, strict=True)}
