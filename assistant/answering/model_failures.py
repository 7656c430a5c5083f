"""What went wrong with a model, told in the reader's language: the kind in words, the server's own words behind it.

Which error it is, is decided where a server is spoken to (`assistant/llm/`). A hint that is a command stays as it is.
"""

from __future__ import annotations

import re

from assistant.answering.guarding import RulesRecited
from assistant.language import Language
from assistant.llm import base
from assistant.llm.base import ModelError

_HAN = re.compile(r"[㐀-鿿]")
# In Chinese, by kind: what happened, and what to do where that is no command.
_CHINESE: dict[type[ModelError], tuple[str, str]] = {
    base.ModelUnavailable: ("连不上模型服务", ""),
    base.ModelNotPulled: ("服务器上没有这个模型", ""),
    base.ModelBusy: ("模型正忙", "等一会儿再问。"),
    base.ModelTimeout: ("等太久了", "再问一次；也可以换小一点的模型，或调大 timeout。"),
    base.StreamBroken: ("回答中途断开", "再问一次。"),
    base.ContextOverflow: ("内容超出上下文窗口", "另开一个对话再问，或调大 num_ctx。"),
    base.PromptCut: ("服务器只读了一部分内容", "另开一个对话再问，或更新 Ollama。"),
    base.CapabilityMissing: ("这个模型没有所需的能力", ""),
    base.EmptyAnswer: ("模型没有给出回答", "再问一次；开着思考时，可以关掉思考或调大 num_predict。"),
    base.MalformedCall: ("服务器读不懂模型写的工具调用", "再问一次，或换个问法。"),
    RulesRecited: ("模型复述了它的规则而没有回答", ""),
    base.ModelCrashed: ("运行模型的进程停了", ""),
}


def told(error: ModelError, language: Language) -> tuple[str, str]:
    """Return what happened and what to do, "" where nothing is known to help."""
    if language is Language.EN or type(error) not in _CHINESE:
        return error.message, error.hint
    kind, advice = _CHINESE[type(error)]
    message = error.message if _HAN.search(error.message) else f"{kind}：{error.message}"
    return message, advice if error.hint and advice and not _HAN.search(error.hint) else error.hint
