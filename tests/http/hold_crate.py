"""Say what the RO-Crate validator objects to in a folder from a level on; apart, as what we change in pySHACL disturbs it."""

from __future__ import annotations

import sys
from importlib.resources import files

import requests
from rocrate_validator.models import Severity, ValidationSettings
from rocrate_validator.services import validate
from rocrate_validator.utils.http import HttpRequester


def known(_, address, *__, **___):
    """The crate's context, without asking its address."""
    answer = requests.Response()
    answer.status_code, answer.url = 200, address
    answer.headers["Content-Type"] = "application/ld+json"
    answer._content = (files("rocrate") / "data" / "ro-crate.jsonld").read_bytes()
    return answer


HttpRequester.get = HttpRequester.head = known
settings = ValidationSettings(
    sys.argv[1], profile_identifier="ro-crate-1.1", requirement_severity=Severity[sys.argv[2]]
)
for issue in validate(settings).get_issues():
    print(issue.check.identifier, " ".join(issue.message.split()))
