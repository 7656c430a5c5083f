"""What the description of REST promises, tried at random by schemathesis with all its checks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.config._checks import NegativeDataRejectionConfig, PositiveDataAcceptanceConfig

from api.app import create_app
from assistant.study import Assistant, open_assistant
from tests.api.access.serving import served
from tests.index.embedding import write_notes

ROOT = Path(__file__).resolve().parents[2]

#: Statuses of requests that fit the description and are refused all the same: what no schema tells, such as the bounds
#: that a demo's arguments set each other, a cursor that is none of ours, and a name that is no file name.
ACCEPTED = ["2xx", "400", "401", "403", "404", "409", "415", "422", "501", "503"]

#: Statuses of requests that do not fit: the usual ones, and that of a body which is too long before it is read.
REJECTED = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "5xx"]

CONFIG = SchemathesisConfig()
CONFIG.projects.default.request_timeout = 120  # a machine may be busy; nothing here is about time
CONFIG.projects.default.checks.positive_data_acceptance = PositiveDataAcceptanceConfig(
    expected_statuses=ACCEPTED
)
CONFIG.projects.default.checks.negative_data_rejection = NegativeDataRejectionConfig(
    expected_statuses=REJECTED
)
#: The file in the repository, which `test_openapi` compares with what the program says.
schema = schemathesis.openapi.from_path(ROOT / "api" / "openapi.json", config=CONFIG)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("interface")
    write_notes(home / "notes")

    class OwnNotes(Assistant):
        """An assistant over the notes of its home, into which notes can be uploaded, without the shipped ones."""

        def origins(self) -> dict[Path, str]:
            return {home / "notes": "home"}

    app = create_app(OwnNotes(open_assistant(home=home, model="notes").settings))
    with served(app) as address:  # a real socket: the client that it has for ASGI leaves streams open
        yield address


@schema.parametrize()
@hypothesis.settings(max_examples=2, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
def test_every_operation_keeps_what_its_description_promises(case: Any, address: str) -> None:
    case.call_and_validate(base_url=address)


@pytest.mark.soak
@schema.parametrize()
@hypothesis.settings(max_examples=500, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
def test_every_operation_keeps_its_promises_five_hundred_times(case: Any, address: str) -> None:
    case.call_and_validate(base_url=address)
