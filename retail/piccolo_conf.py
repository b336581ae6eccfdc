"""Where Piccolo finds its engine and its one app. Named by PICCOLO_CONF; nothing else lives here."""

from __future__ import annotations

from piccolo.conf.apps import AppRegistry

from retail.runtime.db import ENGINE

DB = ENGINE
APP_REGISTRY = AppRegistry(apps=["retail.piccolo_app"])
