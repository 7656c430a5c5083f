"""Three hundred mock interviews with candidates who answer by rule: what the interviewer must never do, and must see.

    python -m benchmarks.interviews --runs 300
    python -m benchmarks.interviews --transcripts     # ten questions each, to be read, in docs/interview_transcripts

Thirteen candidates (`assistant.interview.candidates`) times seeds times notes: the shipped ones in Chinese and in
English, and the user's own where they lie beside the project. Grading and candidates read the same notes by rule, so
the figures tell of the interviewer, not of how well strangers' answers are graded (`benchmarks.grading`).
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

from scipy.stats import kendalltau  # type: ignore[import-untyped]

from assistant.interview.candidates import Candidate, candidates
from assistant.interview.conductor import Conductor
from assistant.interview.judging import Judge
from assistant.interview.machine import begin
from assistant.interview.planning import Wanted, plan
from assistant.interview.report import Report, Word, report
from assistant.interview.simulating import BEGAN, MOST_LINES, line, simulate, takes
from assistant.interview.types import Act, Plan, State
from assistant.language import Language
from assistant.llm.base import ModelTimeout
from assistant.llm.scripted import Reply, ScriptedModel
from assistant.llm.structured import structured
from assistant.quiz.quizmaster import Quizmaster
from assistant.store import Store
from assistant.study import Assistant, open_assistant
from benchmarks.interview_checks import leaks, overruns, probed, repeats, replays, wrongly_doubted

ROOT = Path(__file__).resolve().parent.parent
TRANSCRIPTS = ROOT / "docs" / "interview_transcripts"
SEED = ROOT.parent / "shared" / "seed"
#: Questions and minutes of a run, and of one that is to be read.
_QUESTIONS, _MINUTES, _READ_QUESTIONS, _READ_MINUTES = 6, 20, 10, 45
_WORDS = {Word.UNKNOWN: 0, Word.WEAK: 0, Word.MIXED: 1, Word.GOOD: 2, Word.EXCELLENT: 3}
#: What a model may say that must change nothing.
_BROKEN: tuple[Reply, ...] = (
    "no JSON at all",
    "{}",
    '{"question": "答案其实就在笔记里。"}',
    ModelTimeout("nothing came in time", ""),
)
_READ_SEEDS = {"zh": 3, "en": 5}


@dataclass(frozen=True, slots=True)
class Notes:
    """Notes to hold interviews about, in one language."""

    name: str
    assistant: Assistant
    language: Language

    def plan(
        self, master: Quizmaster, seed: int, questions: int = _QUESTIONS, minutes: int = _MINUTES
    ) -> Plan:
        """Return the plan of interview number `seed`."""
        wanted = Wanted(language=self.language, questions=questions, minutes=minutes)
        return plan(f"{self.name}-{seed}", master, wanted, seed)


@dataclass(frozen=True, slots=True)
class Run:
    """One interview and what came of it."""

    notes: str
    seed: int
    candidate: Candidate
    state: State
    told: Report


def measure(count: int = 300) -> dict[str, Any]:
    """Return the figures of `count` interviews or a few more, so that every candidate meets every plan."""
    with tempfile.TemporaryDirectory() as home:
        notes = list(_notes(Path(home)))
        seeds = range(math.ceil(count / len(notes) / len(candidates())))
        runs = [run for one in notes for run in held(one, seeds)]
        figures = figures_of(runs)
        figures["advances_by_broken_models"] = sum(_moved_by_broken_models(one, seeds[0]) for one in notes)
    print(json.dumps(figures, ensure_ascii=False, indent=1))
    return figures


def held(notes: Notes, seeds: Sequence[int]) -> Iterator[Run]:
    """Yield the interviews of every candidate with each of `seeds`."""
    master = notes.assistant.quizmaster()
    judge = Judge(master.grader)
    for seed in seeds:
        planned = notes.plan(master, seed)
        for candidate in candidates().values():
            state = simulate(planned, candidate, judge, seed)
            yield Run(notes.name, seed, candidate, state, report(state))


def figures_of(runs: Sequence[Run]) -> dict[str, Any]:
    """Return what must be 0, what must be seen, and how the report orders the candidates."""
    faults: dict[str, list[tuple[str, bool]]] = {}
    for run in runs:
        if run.candidate.plants:
            found = probed(run.state, run.candidate, run.seed)
            faults.setdefault(run.candidate.plants.value, []).extend(found)
    told = [(f"{run.notes}/{run.seed}/{run.candidate.name}", one) for run in runs for one in leaks(run.state)]
    ordered = [run for run in runs if _is_ordered(run)]
    tiers = [run.candidate.tier.value for run in ordered]
    overall = [_WORDS[run.told.overall] for run in ordered]
    return {
        "interviews": len(runs),
        "turns": sum(len(run.state.turns) for run in runs),
        "leaks": len(told),
        "repeated_questions": sum(len(repeats(run.state)) for run in runs),
        "not_ended_in_time": sum(overruns(run.state) for run in runs),
        "not_replayed": sum(not replays(run.state) for run in runs),
        "planted": {name: len(found) for name, found in faults.items()},
        "probed": {
            name: round(fmean(seen for _, seen in found), 3) for name, found in faults.items() if found
        },
        "unprobed": [text for found in faults.values() for text, seen in found if not seen][:20],
        "doubted_though_right": sum(
            len(wrongly_doubted(run.state)) for run in runs if run.candidate.name in ("strong", "verbose")
        ),
        "strong_below_weak": _below(runs),
        "tau_b": round(float(kendalltau(tiers, overall).statistic), 3),
        "overall": {
            name: dict(Counter(run.told.overall.value for run in runs if run.candidate.name == name))
            for name in candidates()
        },
        "leaked": [
            {"where": where, "said": one.text, "words": one.words, "point": one.point} for where, one in told
        ][:20],
    }


def _is_ordered(run: Run) -> bool:
    """Whether the tier of the candidate says something: who speaks English only needs notes that have English."""
    return run.candidate.name != "english_only" or run.notes != "seed_zh"


def _below(runs: Sequence[Run]) -> list[str]:
    """Return the topics, and the wholes, on which the strong candidate came out below the weak one."""
    found = []
    strong = {(run.notes, run.seed): run.told for run in runs if run.candidate.name == "strong"}
    for run in runs:
        if run.candidate.name != "weak":
            continue
        best, weak = strong[run.notes, run.seed], run.told
        words = dict(best.topics)
        found += [
            f"{run.notes}/{run.seed}: {topic}"
            for topic, word in weak.topics
            if topic in words
            and Word.UNKNOWN not in (word, words[topic])
            and _WORDS[words[topic]] < _WORDS[word]
        ]
        if _WORDS[best.overall] <= _WORDS[weak.overall]:
            found.append(f"{run.notes}/{run.seed}: overall {best.overall.value}, {weak.overall.value}")
    return found


def _moved_by_broken_models(notes: Notes, seed: int) -> int:
    """Return how many turns differ where a model that times out or talks nonsense words the follow-ups and grades."""
    master = notes.assistant.quizmaster()
    planned = notes.plan(master, seed)
    moved = 0
    for name in ("strong", "weak", "near_miss"):
        plain = simulate(planned, candidates()[name], Judge(master.grader), seed)
        for reply in _BROKEN:
            model = ScriptedModel([reply] * MOST_LINES)
            broken = _conducted(notes, planned, candidates()[name], seed, model)
            moved += sum(
                one.moves != other.moves for one, other in zip(plain.turns, broken.turns, strict=False)
            ) + abs(len(plain.turns) - len(broken.turns))
    return moved


def _conducted(notes: Notes, planned: Plan, candidate: Candidate, seed: int, model: ScriptedModel) -> State:
    """Return the interview as the doors hold it, with `model` for the wording and the grading."""
    now = BEGAN
    state, _ = begin(replace(planned, interview_id=f"{planned.interview_id}-{id(model)}"), now)
    conductor = Conductor(
        state,
        Judge(replace(notes.assistant.grader, model=model)),
        Store(notes.assistant.settings.home).interviews,
        call=partial(structured, model),
    )
    conductor.keep()
    while not conductor.has_ended:
        text = line(conductor.state, candidate, seed).text
        now += timedelta(seconds=takes(text))
        conductor.answer(text, now)
    return conductor.state


def transcript(run: Run) -> str:
    """Return an interview as a page to be read, with what the report says in the end."""
    zh = run.state.plan.language is Language.ZH
    who = ("面试官", "候选人") if zh else ("Interviewer", "Candidate")
    lines = [f"# {run.candidate.name} ({run.state.plan.language.value})", ""]
    for turn in run.state.turns:
        if turn.heard:
            lines += [f"**{who[1]}** {turn.heard.text}", ""]
        for move in turn.moves:
            probe = f" *({move.asked.probe.value})*" if move.asked and move.asked.probe else ""
            lines += ["---", ""] if move.act is Act.QUESTION else []
            lines += [f"**{who[0]}**{probe} {move.text}", ""]
    lines += [
        "---",
        "",
        f"{run.told.overall.value}: " + "; ".join(f"{t} {w.value}" for t, w in run.told.topics),
    ]
    return "\n".join(lines) + "\n"


def write_transcripts(folder: Path = TRANSCRIPTS) -> None:
    """Write the interviews of a strong and a weak candidate over the shipped notes."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        for notes in _notes(Path(home), own=False):
            master, seed = notes.assistant.quizmaster(), _READ_SEEDS[notes.language.value]
            planned = notes.plan(master, seed, _READ_QUESTIONS, _READ_MINUTES)
            for name in ("strong", "weak"):
                state = simulate(planned, candidates()[name], Judge(master.grader), seed)
                page = transcript(Run(notes.name, seed, candidates()[name], state, report(state)))
                (folder / f"{notes.language.value}_{name}.md").write_text(page, "utf-8")


def _notes(home: Path, *, own: bool = True) -> Iterator[Notes]:
    shipped = open_assistant(home=home / "shipped", model="notes", notes=str(ROOT / "corpus" / "notes"))
    yield Notes("shipped_zh", shipped, Language.ZH)
    yield Notes("shipped_en", shipped, Language.EN)
    if own and SEED.is_dir():
        yield Notes(
            "seed_zh", open_assistant(home=home / "seed", model="notes", notes=str(SEED)), Language.ZH
        )


def main() -> None:
    """Measure and print, or write the transcripts."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--transcripts", action="store_true")
    given = parser.parse_args()
    if given.transcripts:
        write_transcripts()
        return
    figures = measure(given.runs)
    target = Path(__file__).parent / "results" / "interviews.json"
    target.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
