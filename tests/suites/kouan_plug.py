"""Let the suite's runner ask Kouan's own evaluation: guard, datasets, serialisers. Knows no HTTP."""

from __future__ import annotations

import sys

from kouan.engine.datasets import Datasets
from kouan.engine.evaluation import evaluate
from kouan.engine.guard import inspect, refuse_services
from kouan.engine.question import Question
from kouan.errors import QueryError, RequestError

# The runner is the program that loads this file, and knows its own classes only.
suite = sys.modules["__main__"]


class KouanEngine(suite.PyoxigraphEngine):
    """Answers queries as the server's evaluators do; updates are the engine's own."""

    def query(self, text, base, want):
        """Return the answer, read back from the bytes that a client would get."""
        text = suite.HttpEngine.based(text, base)
        try:
            form = self._inspect(text)
            if form in {"CONSTRUCT", "DESCRIBE"}:
                body = self._evaluate(text, "application/n-triples")
                return suite.Result("graph", rows=suite.parse_rdf(body, suite.ox.RdfFormat.N_TRIPLES, base))
            kind = want if want in suite.ACCEPT and not (form == "ASK" and want in {"csv", "tsv"}) else "srj"
            return suite.PARSERS[kind](self._evaluate(text, suite.ACCEPT[kind]))
        except QueryError as error:
            raise suite.SyntaxRefused(error.message) from error

    def check_query(self, text, base):
        """Raise SyntaxRefused where the query would be answered 400."""
        text = suite.HttpEngine.based(text, base)
        try:
            form = self._inspect(text)
            graph = form in {"CONSTRUCT", "DESCRIBE"}
            self._evaluate(text, "application/n-triples" if graph else suite.ACCEPT["srj"])
        except QueryError as error:
            raise suite.SyntaxRefused(error.message) from error
        except RequestError:
            return

    def _inspect(self, text):
        found = inspect(text, length=1_000_000, nesting=200)
        refuse_services(text, found)
        return found.form

    def _evaluate(self, text, media_type):
        return evaluate(Datasets(self.store), Question(text), media_type, {}, None)
