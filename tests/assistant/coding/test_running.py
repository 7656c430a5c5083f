"""What users' files do: each ends within its limits, leaves nothing behind, and is told about in one clear sentence."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.coding import harness, registry
from assistant.coding.checking import Verdict, check_source
from assistant.coding.running import MAX_SOURCE, CodeFileError, Limits, Raised, Returned, read_source, run
from assistant.coding.wording import feedback
from assistant.language import Language

IOU = registry.load("iou")
QUICK = Limits(cpu_seconds=1, wall_seconds=5)

#: name -> what stands in the file, and what is said about it, in part.
HOSTILE = {
    "an endless loop": ("def iou(a, b):\n    while True: pass", "用完了处理器时间，是不是死循环？停在：两个框部分重叠"),
    "a loop at the top": ("while True: pass", "停在：文件开头，函数还没有被调用"),
    "sys.exit": ("import sys\ndef iou(a, b): sys.exit(3)", "代码自己退出了（3），请改用 return"),
    "os._exit": ("import os\ndef iou(a, b): os._exit(0)", "进程自己结束了（exit 0）"),
    "a fork bomb": ("import os\ndef iou(a, b):\n    while True: os.fork()", "os.fork is not allowed here：答案里不能"),
    "a fork bomb that goes on": (
        "import os\ndef iou(a, b):\n    while True:\n        try: os.fork()\n        except OSError: pass",
        "用完了处理器时间",
    ),
    "another program": (
        "import subprocess\ndef iou(a, b): subprocess.run(['true'])", "subprocess.Popen is not allowed here",
    ),
    "a shot at us": ("import os\ndef iou(a, b): os.kill(os.getppid(), 9)", "os.kill is not allowed here"),
    "the network": (
        "import socket\ndef iou(a, b): socket.create_connection(('127.0.0.1', 1))", "not allowed here：",
    ),
    "a memory bomb": ("def iou(a, b): return bytearray(1 << 34)", "内存超过了上限（1 GB）"),
    "a file without end": (
        "def iou(a, b):\n    with open('x', 'w') as f:\n        for _ in range(100): f.write('y' * 10**6)",
        "File too large",
    ),
    "a text": ("def iou(a, b): return 'hello'", "返回的是 str，应当是数或 numpy 数组"),
    "nothing": ("def iou(a, b): pass", "返回了 None，是不是漏了 return？"),
    "a generator": ("def iou(a, b): yield 1", "返回的是 generator"),
    "truth values": ("def iou(a, b): return a > 1", "返回的是 array，应当是数"),
    "nan": (
        "import numpy as np\ndef iou(a, b): return np.full((len(a), len(b)), np.nan)", "里有 nan 或 inf：[[nan]]",
    ),
    "a giant": ("import numpy as np\ndef iou(a, b): return np.zeros(10**7)", "太大（array of shape (10000000,)）"),
    "a giant number": ("def iou(a, b): return 10**10000", "返回的是 int"),
    "a list in itself": ("def iou(a, b):\n    x = []\n    x.append(x)\n    return x", "返回的是 list"),
    "another shape": ("def iou(a, b): return 0.0", "形状应为 (1, 1)，得到 ()"),
    "another name": ("def iuo(a, b): pass", "answer.py 里没有函数 iou，只有 iuo"),
    "no function": ("iou = 3", "answer.py 里没有函数 iou。"),
    "broken syntax": ("def iou(a, b:\n    pass", "不是合法的 Python（第 1 行 def iou(a, b:）"),
    "a null byte": ("def iou(a, b): pass\0", "cannot contain null bytes"),
    "brackets without end": ("(" * 100_000, "too many nested parentheses"),
    "a missing module": ("import no_such_module\ndef iou(a, b): pass", "No module named 'no_such_module'"),
    "endless recursion": ("def iou(a, b): return iou(a, b)", "RecursionError: maximum recursion depth exceeded"),
    "too few arguments": ("def iou(a): return 1", "TypeError: iou() takes 1 positional argument but 2 were given"),
    "what is not written yet": (IOU.skeleton(Language.ZH), "还没有写：NotImplementedError"),
    "input": ("def iou(a, b): return input()", "EOFError"),
    "a closed file": (
        "import os\ndef iou(a, b):\n    for i in range(3, 20):\n        try: os.close(i)\n        except OSError: pass",
        "进程自己结束了（exit 1），没有把结果交回来",
    ),
    "a broken library": ("import json\njson.dumps = None\ndef iou(a, b): return 1", "进程自己结束了（exit 1）"),
    "a forged result": (
        "import os, sys\nopen(sys.argv[2], 'w').write('{\"call\": 0}')\nos._exit(0)", "结果读不懂",
    ),
    "an exception that hides": (
        "class E(Exception):\n    def __str__(self): raise ValueError\ndef iou(a, b): raise E", "    E\n",
    ),
    "an object that hides": (
        "class E:\n    def __getattribute__(self, n): raise ValueError(n)\ndef iou(a, b): return E()", "返回的是 E",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "said"), HOSTILE.values(), ids=HOSTILE)
def test_whatever_a_file_does_is_told_in_a_sentence(source: str, said: str) -> None:
    report = check_source(IOU, source, limits=QUICK)
    assert not report.is_right
    shown = "\n".join(feedback(report, Language.ZH))
    assert said in shown
    assert "Traceback" not in shown
    assert "harness" not in shown
    assert all(feedback(report, Language.EN))


def test_a_process_that_sleeps_is_ended_with_all_that_it_started() -> None:
    # ctypes forks behind the back of the audit hook; the children are of the same group and die with it.
    source = (
        "import ctypes, os, time\n"
        "def f():\n"
        "    ctypes.CDLL(None).fork()\n"
        "    print(os.getpid(), flush=True)\n"
        "    time.sleep(60)\n"
    )
    ran = run(source, "f", [()], limits=Limits(wall_seconds=1))
    assert ran.outcomes == {}
    assert "Stopped(how='time', call=0)" in repr(ran.problem)
    pids = list(map(int, ran.printed.split()))
    assert pids
    deadline = time.monotonic() + 10  # a killed process takes a moment to be gone
    while any(map(is_alive, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Whether a process is there and no corpse that nobody has buried yet."""
    try:
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=True
        )
    except subprocess.CalledProcessError:
        return False
    return not state.stdout.strip().startswith("Z")


def test_a_system_without_limits_is_told_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    assert harness._limit({"CPU": 1, "AS": 1 << 40}) == ["AS", "CPU"]
    report = replace(check_source(IOU, IOU.source), missed=("AS", "CORE", "CPU"))
    assert "注意：这台机器上设不了这些限制：内存、处理器时间" in list(feedback(report, Language.ZH))
    assert "note: this machine cannot limit memory, processor time" in list(feedback(report, Language.EN))


def test_an_exception_is_shown_by_the_users_own_lines_only() -> None:
    source = "import numpy as np\n\ndef helper(a):\n    return a[100]\n\ndef f(a):\n    return helper(a)\n"
    raised = run(source, "f", [([1, 2],)]).outcomes[0]
    assert raised == Raised(
        "IndexError",
        "list index out of range",
        ((7, "f", "return helper(a)"), (4, "helper", "return a[100]")),
    )
    in_numpy = run("import numpy as np\ndef f(): return np.ones(3) @ np.ones(4)", "f", [()]).outcomes[0]
    assert isinstance(in_numpy, Raised)
    assert [frame[:2] for frame in in_numpy.frames] == [(2, "f")]


def test_printing_does_not_disturb_and_is_shown_in_part() -> None:
    source = "print('hello')\n" + IOU.source.replace("    low =", "    print('x' * 100_000)\n    low =")
    report = check_source(IOU, source)
    assert report.is_right
    assert report.printed.startswith("hello\nxxx")
    assert len(report.printed) <= Limits().output_bytes + 2
    assert "程序打印的：" in list(feedback(report, Language.ZH))


def test_the_process_sees_no_secrets_and_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    source = "import os\ndef f(): print(dict(os.environ), sorted(os.listdir('.')))"
    printed = run(source, "f", [()]).printed
    assert "secret" not in printed
    assert "['replies.jsonl', 'request.json']" in printed
    assert str(Path.cwd()) not in printed


def test_the_expected_values_are_not_told_to_the_process() -> None:
    source = "def f(x): print(open('request.json').read())"
    assert "expected" not in run(source, "f", [(1,)]).printed


def test_what_comes_before_a_crash_is_kept() -> None:
    ran = run(
        "def f(x):\n    if x == 2:\n        import os\n        os._exit(7)\n    return x",
        "f",
        [(1,), (2,), (3,)],
    )
    assert ran.outcomes == {0: Returned(["number", 1])}
    assert "exit 7" in repr(ran.problem)
    report = check_source(
        IOU, "import os\ndef iou(a, b):\n    if len(a) > 1: os._exit(1)\n    return [[0.0]]"
    )
    verdicts = [checked.verdict for checked in report.checks]
    assert verdicts[1:3] == [Verdict.PASSED, Verdict.PASSED]
    assert verdicts[-2:] == [Verdict.STOPPED, Verdict.NOT_RUN]


def test_an_argument_that_is_changed_is_told_and_does_not_reach_the_next_call() -> None:
    report = check_source(IOU, IOU.source.replace("    low =", "    a += 1\n    b += 1\n    low ="))
    assert report.is_right
    assert report.changed == ("a", "b")
    assert any("修改了传入的 a, b" in line for line in feedback(report, Language.ZH))


def test_the_tail_of_a_file_that_is_for_the_command_line_is_not_run() -> None:
    assert check_source(IOU, IOU.source + "\nif __name__ == '__main__':\n    input()\n").is_right


def test_files_that_cannot_be_read_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes("# é".encode("latin-1"))
    (tmp_path / "big.py").write_bytes(b"#" * (MAX_SOURCE + 1))
    (tmp_path / "bom.py").write_bytes(b"\xef\xbb\xbfx = 1\n")
    os.mkfifo(tmp_path / "pipe.py")
    for name, said in {
        "none.py": "does not exist", "": "is no file", "pipe.py": "is no file", "latin.py": "is not UTF-8",
        "big.py": "larger than 200,000 bytes", "a\0b": "does not exist",
    }.items():  # fmt: skip
        with pytest.raises(CodeFileError, match=said) as caught:
            read_source(tmp_path / name)
        assert caught.value.hint
    assert read_source(tmp_path / "bom.py") == "x = 1\n"
