"""A function to be written by hand (IoU, NMS, …); the answer is the path of the file, marked by running it."""

from __future__ import annotations

from random import Random

from assistant.coding import registry
from assistant.coding.fitting import fits, home
from assistant.language import Language
from assistant.quiz.making import question
from assistant.quiz.material import TopicMaterial
from assistant.quiz.types import Form, Question

_PROMPTS = {
    Language.ZH: "{title}。{statement}\n骨架：assistant code {name}。写好后输入文件的路径，我来运行检查。",
    Language.EN: "{title}. {statement}\nFile to fill in: assistant code {name}. Then type its path: it is run.",
}
_ANSWERS = {
    Language.ZH: "思路：{steps}完整的解法：assistant code {name} --show",
    Language.EN: "The steps: {steps} In full: assistant code {name} --show",
}

#: In a mixed quiz this comes less often than other kinds: half an hour against a minute.
SHARE = 0.2
#: Doors other than the command line leave this kind out.
RUNS_CODE = True


def questions(material: TopicMaterial, chance: Random) -> tuple[Question, ...]:
    """Return the tasks about the topic, each with the group whose lines it is about."""
    found = []
    for task in registry.tasks() if material.points else ():
        if not fits(material.topic.title, task.topics):
            continue
        if point := home(material.group, material.siblings, task.terms):
            steps = ("" if material.language is Language.ZH else " ").join(
                hint.in_(material.language) for hint in task.hints
            )
            found.append(
                question(
                    material,
                    "write_code",
                    Form.CODE,
                    _PROMPTS[material.language].format(
                        title=task.title.in_(material.language),
                        statement=task.statement.in_(material.language),
                        name=task.name,
                    ),
                    (point,),
                    model_answer=_ANSWERS[material.language].format(steps=steps, name=task.name),
                    hint=task.hints[0].in_(material.language),
                    reference=task.name,
                )
            )
    return tuple(found)
