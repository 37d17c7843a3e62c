"""Sets: unordered to their users, with an order that depends on the encoding.

The form is the encoding that the reference would have chosen; it only ever grows while a
set lives, apart from a large SPOP. Members of an intset are given in numeric order, those
of a listpack in the order in which they came.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from random import Random

from redislua_kernel.engine.draws import sample
from redislua_kernel.engine.integers import as_integer
from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.types.packed import MOST_ELEMENTS, Packed
from redislua_kernel.engine.types.value import Value

__all__ = ["HASHTABLE", "INTSET", "LISTPACK", "Set"]

INTSET, LISTPACK, HASHTABLE = b"intset", b"listpack", b"hashtable"


class Set(Value):
    """The members of one set."""

    __slots__ = ("_is_sorted", "_pool", "form", "members")

    type_name = b"set"

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.form = INTSET
        #: The members; the numbers are their places in `_pool`, if there is one.
        self.members: dict[bytes, int] = {}
        #: The members of a hash table again, by place, from the first random draw on.
        self._pool: list[bytes] | None = None
        self._is_sorted = False

    @classmethod
    def of(cls, journal: Journal, members: Iterable[bytes], *, listed: bool = False) -> Set:
        """Give a new set, in the form that adding the members one by one gives it.

        A `listed` one is a listpack while they are added, and becomes an intset in the end.
        """
        self = cls(journal)
        self._fill(list(dict.fromkeys(members)), listed)
        return self

    @classmethod
    def begun(cls, journal: Journal, members: Sequence[bytes]) -> Set | None:
        """Give a new set of some members that are added at once; None: better one by one."""
        if len(members) > MOST_ELEMENTS:
            return None
        self = cls(journal)
        form = self._form_for(len(members), members[0])
        if form is INTSET:
            if None in map(as_integer, members):
                return None
        elif form is LISTPACK and max(map(len, members)) > journal.limits.set_value:
            form = HASHTABLE
        self.form, self.members = form, dict.fromkeys(members, 0)
        return self

    @classmethod
    def alone(cls, journal: Journal, member: bytes) -> Set:
        """Give a new set of one member."""
        self, limits = cls(journal), journal.limits
        if as_integer(member) is None or not limits.intset_entries:
            fits = limits.set_entries and len(member) <= limits.set_value
            self.form = LISTPACK if fits else HASHTABLE
        self.members[member] = 0
        return self

    @classmethod
    def in_form(cls, journal: Journal, form: bytes, members: Sequence[bytes]) -> Set:
        """Give a new set of different members in a form, if it takes so many."""
        self = cls(journal)
        self._restore(form if len(members) <= self._most(form) else HASHTABLE, members)
        return self

    def keeping(self, members: Iterable[bytes]) -> Set:
        """Give a new set of only these of its members, in the same form."""
        twin = Set(self.journal)
        wanted = set(members)
        twin._restore(self.form, [member for member in interruptible(self) if member in wanted])
        return twin

    # Reading

    def __len__(self) -> int:
        return len(self.members)

    def __contains__(self, member: object) -> bool:
        return member in self.members

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.table())

    def table(self) -> dict[bytes, int]:
        """Give the members, in order, as the keys of a dict that must not be changed."""
        if self.form is INTSET and not self._is_sorted:
            # A new dict, not a reordered one: a view may be reading the old one.
            self.members = dict.fromkeys(sorted(self.members, key=int), 0)
            self._is_sorted = True
        return self.members

    def drawable(self) -> list[bytes]:
        """Give the members by place, to draw some at random from; not to be changed."""
        if self.form is not HASHTABLE:
            return list(self.members)
        if self._pool is None:
            pool = list(self.members)
            for place, member in enumerate(pool):
                self.members[member] = place
            self._pool = pool
        return self._pool

    def random(self, rng: Random) -> bytes:
        """Give a random member."""
        return rng.choice(self.drawable())

    def sample(self, count: int, rng: Random) -> list[bytes]:
        """Give `count` different random members, or all if there are fewer."""
        if count >= len(self.members):
            return list(self)
        if self.form is HASHTABLE:
            return sample(self.drawable(), count, rng)
        members = list(self)
        return [members[place] for place in sorted(rng.sample(range(len(members)), count))]

    # Writing

    def expect(self, count: int, first: bytes) -> None:
        """Take the form that suits `count` members to be added, `first` of them first."""
        form = self._form_for(count, first)
        if form is not self.form:
            self._convert(form)

    def add(self, member: bytes) -> bool:
        """Add a member; tell whether it is new. `expect` comes first."""
        members, form, journal = self.members, self.form, self.journal
        if member in members:
            return False
        if form is LISTPACK:
            limits = journal.limits
            if len(members) >= limits.set_entries or len(member) > limits.set_value:
                self._make_fit(member)
        elif form is INTSET:
            self._make_fit(member)
        journal.undo.append((self._delete, member))
        if self._pool is None:
            self.members[member] = 0  # perhaps another dict by now
            self._is_sorted = False
        else:
            self._insert(member)
        return True

    def remove(self, member: bytes) -> bool:
        """Remove a member; tell whether it was one."""
        members = self.members
        if member not in members:
            return False
        if self.form is LISTPACK and next(reversed(members)) != member:
            # The order counts: putting the member back at the end would not do.
            self.journal.undo.append((self._restore, LISTPACK, tuple(members)))
        else:
            self.journal.undo.append((self._insert, member))
        if self._pool is None:
            del members[member]
        else:
            self._delete(member)
        return True

    def pop(self, rng: Random) -> bytes:
        """Remove a random member and give it."""
        member = self.random(rng)
        self.remove(member)
        return member

    def pop_many(self, count: int, rng: Random) -> list[bytes]:
        """Remove `count` different random members and give them; some must remain."""
        members = self.sample(count, rng)
        for member in interruptible(members):
            self.remove(member)
        if self.form is HASHTABLE and len(self.members) * 5 <= count:
            self._shrink()
        return members

    # Representation

    def copy(self, journal: Journal) -> Set:
        twin = Set(journal)
        twin.form, twin._is_sorted = self.form, self._is_sorted
        twin.members = self.members.copy()
        return twin

    def encoding(self) -> bytes:
        return self.form

    def memory(self, samples: int) -> int:
        count = len(self.members)
        if self.form is INTSET:
            return 8 + 4 * count
        total = looked_at = 0
        for member in interruptible(self.members):
            total += len(member)
            looked_at += 1
            if looked_at == samples:
                break
        average = total // looked_at if looked_at else 0
        return 8 + count * (average + (2 if self.form is LISTPACK else 24))

    def pack(self) -> Packed | None:
        if self.form is HASHTABLE or len(self.members) > MOST_ELEMENTS:
            return None
        packed = PackedIntset if self.form is INTSET else PackedSet
        return packed.joining(self.members)

    def _insert(self, member: bytes) -> None:
        pool = self._pool
        if pool is None:
            self.members[member] = 0
            self._is_sorted = False
        else:
            self.members[member] = len(pool)
            pool.append(member)

    def _delete(self, member: bytes) -> None:
        place = self.members.pop(member)
        pool = self._pool
        if pool is not None:
            last = pool.pop()
            if last is not member and last != member:
                pool[place] = last
                self.members[last] = place

    def _form_for(self, count: int, first: bytes) -> bytes:
        """Give the form that suits `count` members to be added, `first` of them first."""
        form = self.form
        if not self.members:
            fits = count <= self._most(INTSET) and as_integer(first) is not None
            form = INTSET if fits else LISTPACK
        return form if count <= self._most(form) else HASHTABLE

    def _most(self, form: bytes) -> int:
        """Give how many members a form takes that is not the table."""
        limits = self.journal.limits
        return limits.intset_entries if form is INTSET else limits.set_entries

    def _fits_listpack(self, members: Collection[bytes]) -> bool:
        limits = self.journal.limits
        return (
            len(members) <= limits.set_entries
            and max(map(len, members), default=0) <= limits.set_value
        )

    def _make_fit(self, member: bytes) -> None:
        """Take another form if a new member does not fit into this one."""
        count, limits = len(self.members), self.journal.limits
        if self.form is INTSET and as_integer(member) is not None:
            if count >= limits.intset_entries:
                self._convert(HASHTABLE)
        elif count >= limits.set_entries or len(member) > limits.set_value:
            self._convert(HASHTABLE)
        elif self.form is INTSET:
            fits = self._fits_listpack(self.members)
            self._convert(LISTPACK if fits else HASHTABLE)

    def _convert(self, form: bytes) -> None:
        self.journal.undo.append((self._restore, self.form, tuple(self.table())))
        self.form = form

    def _shrink(self) -> None:
        """Take the smallest form that fits what a large SPOP has left, never an intset."""
        members = tuple(self.members)
        self.journal.undo.append((self._restore, HASHTABLE, members))
        self._restore(LISTPACK if self._fits_listpack(members) else HASHTABLE, members)

    def _restore(self, form: bytes, members: Iterable[bytes]) -> None:
        self.form = form
        self.members = dict.fromkeys(members, 0)
        self._pool = None
        self._is_sorted = False

    def _fill(self, members: list[bytes], listed: bool) -> None:
        """Become a set of these different members, without a word to the journal."""
        count = len(members)
        numbered = enumerate(interruptible(members))
        integers = next((i for i, word in numbered if as_integer(word) is None), count)
        if integers == count <= self._most(INTSET):
            self._restore(INTSET, members)
        elif (listed or integers <= self._most(INTSET)) and self._fits_listpack(members):
            # It was an intset until the first member that is no integer came.
            beginning = members[:integers] if listed else sorted(members[:integers], key=int)
            self._restore(LISTPACK, beginning + members[integers:])
        else:
            self._restore(HASHTABLE, members)

    def _check(self) -> None:
        """Raise AssertionError unless the parts agree."""
        count = len(self.members)
        if self.form is INTSET:
            assert count <= self._most(INTSET)
            assert None not in map(as_integer, self.members)
        elif self.form is LISTPACK:
            assert self._fits_listpack(self.members)
        if self._pool is not None:
            assert self.form is HASHTABLE
            assert self.members == {member: place for place, member in enumerate(self._pool)}


class PackedSet(Packed):
    """The members of a listpack, in their order."""

    __slots__ = ()

    kind = Set
    form = LISTPACK

    def unpack(self, journal: Journal) -> Set:
        value = Set(journal)
        value.form = self.form
        value.members = dict.fromkeys(self.elements(), 0)
        return value


class PackedIntset(PackedSet):
    """The members of an intset."""

    __slots__ = ()

    form = INTSET
