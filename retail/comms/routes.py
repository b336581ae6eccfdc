"""Addresses of news and messages."""

from __future__ import annotations

from retail.comms import message_pages, news_pages, note_pages, operator_messages, operator_pages
from retail.comms.attachments import FORM_BYTES
from retail.identity.permissions import RUN_SHIFT
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import OPERATOR, SIGNED_IN, get, post

_NEWS = "/news/{announcement:uuid}"
_THREAD = "/messages/{thread:uuid}"
_NOTE = "/shift-notes/{note:uuid}"
ROUTES = [
    get("/news", news_pages.index, permission=SIGNED_IN),
    get("/news/strip", news_pages.strip, permission=SIGNED_IN),
    leads(f"{_NEWS}/confirmation", "/news", permission=SIGNED_IN),
    post(f"{_NEWS}/confirmation", news_pages.create_confirmation, permission=SIGNED_IN),
    get("/messages", message_pages.index, permission=SIGNED_IN),
    post("/messages", message_pages.create, permission=SIGNED_IN, most_bytes=FORM_BYTES),
    get("/messages/unread", message_pages.unread, permission=SIGNED_IN),
    get("/messages/new", message_pages.new, permission=SIGNED_IN),
    get(_THREAD, message_pages.show, permission=SIGNED_IN),
    get(f"{_THREAD}/talk", message_pages.talk, permission=SIGNED_IN),
    leads(f"{_THREAD}/messages", "/messages/{thread}", permission=SIGNED_IN),
    post(f"{_THREAD}/messages", message_pages.create_message, permission=SIGNED_IN, most_bytes=FORM_BYTES),
    leads(f"{_THREAD}/reading", "/messages/{thread}", permission=SIGNED_IN),
    post(f"{_THREAD}/reading", message_pages.create_reading, permission=SIGNED_IN),
    leads(f"{_THREAD}/parties", "/messages/{thread}", permission=SIGNED_IN),
    post(f"{_THREAD}/parties", message_pages.create_parties, permission=SIGNED_IN),
    leads(f"{_THREAD}/leaving", "/messages/{thread}", permission=SIGNED_IN),
    post(f"{_THREAD}/leaving", message_pages.create_leaving, permission=SIGNED_IN),
    get(f"{_THREAD}/files/{{file:uuid}}", message_pages.file, permission=SIGNED_IN),
    get("/shift-notes", note_pages.index, permission=RUN_SHIFT),
    post("/shift-notes", note_pages.create, permission=RUN_SHIFT),
    leads(f"{_NOTE}/withdrawal", "/shift-notes", permission=RUN_SHIFT),
    post(f"{_NOTE}/withdrawal", note_pages.create_withdrawal, permission=RUN_SHIFT),
]
_ONE = "/platform/announcements/{announcement:uuid}"
_TALK = "/platform/messages/{tenant:uuid}/{thread:uuid}"
SITE = [
    get("/platform/announcements", operator_pages.index, permission=OPERATOR),
    post("/platform/announcements", operator_pages.create, permission=OPERATOR),
    get("/platform/announcements/new", operator_pages.new, permission=OPERATOR),
    get(_ONE, operator_pages.show, permission=OPERATOR),
    leads(f"{_ONE}/withdrawal", "/platform/announcements/{announcement}", permission=OPERATOR),
    post(f"{_ONE}/withdrawal", operator_pages.create_withdrawal, permission=OPERATOR),
    get("/platform/messages", operator_messages.index, permission=OPERATOR),
    post("/platform/messages", operator_messages.create, permission=OPERATOR, most_bytes=FORM_BYTES),
    get("/platform/messages/new", operator_messages.new, permission=OPERATOR),
    get("/platform/messages/unread", operator_messages.unread, permission=OPERATOR),
    get(_TALK, operator_messages.show, permission=OPERATOR),
    get(f"{_TALK}/talk", operator_messages.talk, permission=OPERATOR),
    leads(f"{_TALK}/messages", "/platform/messages/{tenant}/{thread}", permission=OPERATOR),
    post(f"{_TALK}/messages", operator_messages.create_message, permission=OPERATOR, most_bytes=FORM_BYTES),
    leads(f"{_TALK}/reading", "/platform/messages/{tenant}/{thread}", permission=OPERATOR),
    post(f"{_TALK}/reading", operator_messages.create_reading, permission=OPERATOR),
    get(f"{_TALK}/files/{{file:uuid}}", operator_messages.file, permission=OPERATOR),
]
