"""Conditions of a list's WHERE clause, gathered with their values; placeholders are numbered as they come."""

from __future__ import annotations


class Conditions:
    """Grows ` AND …` clauses. `{}` in a condition stands for the next value, which always travels as a parameter."""

    def __init__(self, *args: object) -> None:
        """Start with the values that the statement uses before these conditions ($1 and on)."""
        self.args: list[object] = list(args)
        self._clauses: list[str] = []

    def add(self, condition: str, *values: object) -> None:
        """Narrow by one more condition."""
        places = [f"${len(self.args) + place}" for place in range(1, len(values) + 1)]
        self._clauses.append(condition.format(*places))
        self.args.extend(values)

    @property
    def sql(self) -> str:
        """The clauses, ready to follow a WHERE with at least one condition of its own."""
        return "".join(f" AND {clause}" for clause in self._clauses)
