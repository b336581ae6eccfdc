"""Notifications: what the people of a business are told of, on the channels that each of them chose.

Whoever has something to tell posts a notice (`retail.runtime.notices.post_notice`) of a kind that `kinds.py` names; the
relay then writes one row per person who may know, and a row of the queue per further channel. A new kind is one line
there, and its sentence in words.py.
"""

from __future__ import annotations
