"""The command on a real terminal: colour, wrapping by cells, editing, Ctrl-C in the middle, Ctrl-D at the end."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from wcwidth import wcswidth

from assistant.drills import wording
from assistant.drills.drawing import Plan, draw
from assistant.language import Language, say
from assistant.llm.fake_ollama import FakeOllama, Pause, Reply, chunk
from assistant.llm.fake_ollama import say as reply
from tests.cli.running import COMMAND, LIMIT, OnTerminal, plain, run

QUESTION = "BN 训练和推理有什么区别?"
PROMPT = "问 ›"
#: What no line may start with: punctuation that closes (the line-start prohibition rule of CLREQ 3.1.4).
NEVER_FIRST = "，。、；：！？）」』】》”’…"
COLOUR = re.compile(r"\x1b\[(?:\d*;)*(?:[34]\d|[34]8;[\d;]+|9\d)m")


def lines_of(shown: str) -> list[str]:
    """Return what stands on each line, once the terminal has obeyed its escape sequences."""
    return plain(shown).split("\n")


def words_of(shown: str) -> str:
    """Return what is left without line breaks, blanks, the dot before a place, and the time it took."""
    return re.sub(r"\d+\.\d\d s|[\s·]", "", shown)


def check_wrapped(lines: list[str], columns: int) -> None:
    """Assert that no line is wider than the terminal unless it cannot be broken, and none starts wrongly."""
    for line in lines:
        text = line.strip()
        assert not text.startswith(tuple(NEVER_FIRST)), line
        breakable = " " in text or not text.isascii()
        assert wcswidth(line) <= columns or not breakable, (wcswidth(line), line)


@pytest.mark.parametrize(
    ("words", "columns"),
    [
        (("ask", QUESTION), 40),
        (("ask", QUESTION), 60),
        (("ask", QUESTION), 80),
        (("search", QUESTION), 40),
        (("notes", "topics"), 40),
    ],
)
def test_chinese_wraps_within_the_terminal_by_cells_and_never_before_closing_punctuation(
    env: dict[str, str], notes: Path, words: tuple[str, ...], columns: int
) -> None:
    shortened = env | {"HOME": str(notes)}  # paths are then short enough for every width
    with OnTerminal(*words, env=shortened, columns=columns) as terminal:
        assert terminal.end() == 0
        lines = lines_of(terminal.shown)
    check_wrapped(lines, columns)
    if words[0] == "ask":
        assert max(wcswidth(line) for line in lines) > columns - 8, "the width is used"
        assert words_of("\n".join(lines)) == words_of(run(*words, env=shortened).out)


def test_colour_is_only_for_terminals_that_want_it(env: dict[str, str]) -> None:
    def shown(**more: str) -> str:
        with OnTerminal("ask", QUESTION, env=env | more) as terminal:
            assert terminal.end() == 0
            return terminal.shown

    assert "\x1b[36m[1]\x1b[0m" in shown()
    assert "\x1b" not in shown(NO_COLOR="1")
    assert "\x1b" not in shown(TERM="dumb")
    assert "\x1b" not in run("ask", QUESTION, env=env).out


def test_errors_on_a_terminal_without_colour_have_none(env: dict[str, str]) -> None:
    with OnTerminal("ask", "", env=env | {"NO_COLOR": "1"}) as terminal:
        assert terminal.end() == 2
        assert not COLOUR.search(terminal.shown)
        assert "error: the question is empty" in plain(terminal.shown)


def test_a_chat_is_edited_answered_and_left_with_ctrl_d(own_env: dict[str, str]) -> None:
    with OnTerminal("chat", env=own_env) as terminal:
        assert "6 个主题 · notes" in plain(terminal.wait_for(PROMPT))
        terminal.press("Adam 有什么缺点\x7f\x7f优点?\r")  # two backspaces
        assert "Adam 的优点是" in plain(terminal.wait_for("— notes"))
        terminal.wait_for(PROMPT)
        terminal.press("half a question\x03")  # Ctrl-C at the prompt clears the line
        terminal.wait_for(PROMPT)
        terminal.press("那 RMSProp 呢?\r")
        assert say("standalone", Language.ZH, question="RMSProp 有什么优点?") in plain(
            terminal.wait_for("— notes")
        )
        terminal.wait_for(PROMPT)
        terminal.press("\x04")
        assert terminal.end() == 0


def test_a_chat_without_colour_has_none(env: dict[str, str]) -> None:
    with OnTerminal("chat", env=env | {"NO_COLOR": "1"}) as terminal:
        terminal.wait_for(PROMPT)
        terminal.press(QUESTION + "\r")
        terminal.wait_for("— notes")
        answer = terminal.shown.rpartition("\x1b[?2004l")[2]  # what follows the end of editing
        terminal.wait_for(PROMPT)
        terminal.press("\x04")
        assert terminal.end() == 0
    assert "批归一化" in answer
    assert "\x1b" not in answer.partition("— notes")[0]
    assert not COLOUR.search(terminal.shown)


# Long enough that its first words are shown: the last ones are held until it is known where the line breaks.
BEGINNING = ("Adam 结合", "两个矩 [1]，", "并且做")


def stalling(*texts: str) -> Reply:
    """An answer that begins with `texts` and then never goes on."""
    return Reply((*(chunk(text) for text in texts), Pause(None)))


def with_model(env: dict[str, str], server: FakeOllama) -> dict[str, str]:
    return env | {"ASSISTANT_MODEL": "ollama:qwen3.5:4b", "ASSISTANT_OLLAMA_HOST": server.host}


def test_ctrl_c_in_the_middle_of_an_answer_stops_the_model_and_not_the_chat(env: dict[str, str]) -> None:
    with FakeOllama() as server:
        server.enqueue(stalling(*BEGINNING), reply("Dropout 随机丢弃神经元 [1]。"))
        with OnTerminal("chat", env=with_model(env, server)) as terminal:
            terminal.wait_for(PROMPT)
            terminal.press("Adam 有什么优点?\r")
            terminal.wait_for("Adam 结合")
            terminal.press("\x03")
            terminal.wait_for(say("interrupted", Language.ZH))
            assert server.wait_for_clients_gone(1), "the model goes on for nobody"
            terminal.wait_for(PROMPT)
            terminal.press("什么是 Dropout?\r")
            assert "Dropout 随机丢弃神经元" in plain(terminal.wait_for("— ollama:qwen3.5:4b"))
            terminal.wait_for(PROMPT)
            terminal.press("\x04")
            assert terminal.end() == 0
        assert (server.clients_gone, server.violations) == (1, [])


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_ctrl_c_in_the_middle_of_a_single_answer_is_exit_code_130(
    env: dict[str, str], words: tuple[str, ...]
) -> None:
    with FakeOllama() as server:
        server.enqueue(stalling(*BEGINNING))
        with OnTerminal("ask", "Adam 有什么优点?", *words, env=with_model(env, server)) as terminal:
            if words:
                wait_until(lambda: len(server.chats) == 1)
            else:
                terminal.wait_for("Adam 结合")
            terminal.press("\x03")
            assert terminal.end() == 130
        assert server.wait_for_clients_gone(1)


def wait_until(condition: object) -> None:
    """Wait until `condition()` holds."""
    assert callable(condition)
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_in_tmux_the_screen_itself_shows_whole_lines(env: dict[str, str], tmp_path: Path) -> None:
    columns = 50

    def tmux(*words: str) -> str:
        command = ["tmux", "-u", "-S", str(tmp_path / "socket"), "-f", "/dev/null", *words]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=LIMIT, check=True)
        return done.stdout

    def screen() -> str:
        return tmux("capture-pane", "-p")

    def shows(text: str, times: int = 1) -> None:
        wait_until(lambda: screen().count(text) == times)

    size = ("-x", str(columns), "-y", "100")
    tmux("new-session", "-d", *size, shlex.join([*COMMAND, "chat"]) + "; echo left with $?; sleep 60")
    try:
        shows(PROMPT)
        tmux("send-keys", "-l", QUESTION)
        tmux("send-keys", "Enter")
        shows(PROMPT, times=2)
        lines = screen().split("\n")
        answer = lines[next(n for n, line in enumerate(lines) if QUESTION in line) + 1 :]
        check_wrapped(answer, columns)
        text = "".join(line.strip() for line in answer)
        assert "推理时用滑动平均，因此同一张图片的输出不再依赖批内的其他样本。" in text
        tmux("send-keys", "C-d")  # only at the prompt: the terminal itself eats it while an answer runs
        shows("left with 0")
    finally:
        tmux("kill-server")


ANSWER = "答 ›"


def test_a_drill_is_held_at_the_terminal_until_its_last_question(env: dict[str, str]) -> None:
    plan = Plan(("receptive_field",), seed=3, count=2)
    first = draw(plan, 0)
    second = draw(plan, 1, {first.question_zh})
    with OnTerminal("drill", "感受野", "-n", "2", "--seed", "3", env=env) as terminal:
        terminal.wait_for(ANSWER)
        terminal.press("\r")  # Enter alone answers nothing
        terminal.wait_for(ANSWER)
        terminal.press("?\r")
        terminal.wait_for("提示：")
        terminal.wait_for(ANSWER)
        terminal.press("forty\x03")  # Ctrl-C takes the line back
        terminal.wait_for(ANSWER)
        terminal.press("what\r")
        terminal.wait_for("没看懂")
        terminal.wait_for(ANSWER)
        terminal.press(f"{first.mistakes[0].value}\r")
        assert first.mistakes[0].zh in plain(terminal.wait_for("验算："))
        terminal.wait_for(ANSWER)
        terminal.press(f"{second.answer}x{second.answer}\r")
        terminal.wait_for(say("drill_correct", Language.ZH, answer=wording.written(second)))
        shown = terminal.wait_for(say("drill_summary", Language.ZH, done=2, correct=1, skipped=0, hints=1))
        assert not COLOUR.search(plain(shown))
        assert terminal.end() == 0


def test_ctrl_d_ends_a_drill_with_its_score(env: dict[str, str]) -> None:
    with OnTerminal("drill", "conv_cost", "--seed", "1", "--lang", "en", env=env) as terminal:
        terminal.wait_for("answer ›")
        terminal.press("/skip\r")
        terminal.wait_for("2 of 5")
        terminal.wait_for("answer ›")
        terminal.press("\x04")
        terminal.wait_for(say("drill_summary", Language.EN, done=1, correct=0, skipped=1, hints=0))
        assert terminal.end() == 0
