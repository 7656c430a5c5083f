import hypothesis, pytest, schemathesis, tempfile
from pathlib import Path
from api.app import create_app
from api import openapi
from assistant.study import open_assistant
from tests.api.access.serving import served
from tests.assistant.quiz.conftest import JOTTED, WRITTEN
from tests.api.test_schemathesis import CONFIG
home=Path(tempfile.mkdtemp()); (home/"notes").mkdir()
(home/"notes"/"pooling.md").write_text(WRITTEN,"utf-8"); (home/"notes"/"jotted.md").write_text(JOTTED,"utf-8")
app=create_app(open_assistant(home/"notes", home, model="notes", embedder="hashed"))
schema=schemathesis.openapi.from_dict(app.openapi(), config=CONFIG).include(path_regex="quizzes|grade|reviews|progress|export/[a-z]|interviews")
@pytest.fixture(scope="module")
def address():
    with served(app) as address: yield address
@schema.parametrize()
@hypothesis.settings(max_examples=25, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
def test_api(case, address):
    case.call_and_validate(base_url=address)
