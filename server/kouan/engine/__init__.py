"""One question in, bytes out: the guard before evaluation, and evaluators in processes of their own."""

from __future__ import annotations

from kouan.engine.embedded import EmbeddedEngine
from kouan.engine.question import Answer, Engine, Question
from kouan.engine.remote import RemoteEngine

__all__ = ["Answer", "EmbeddedEngine", "Engine", "Question", "RemoteEngine"]
