"""The words that tell a heading from a sentence, in Chinese and English. Data, no judgement.

None of them names a subject of study: they are the words of questions, of a paragraph's role, of sentences,
of a page about itself and of a web page's frame. Patterns are only ever matched against short lines whose
full-width punctuation has been folded to ASCII (`fold`). Entries are regular expressions, `_` is a space.
"""

from __future__ import annotations

import re

CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
CHINESE_DIGITS = "零一二三四五六七八九十百"

_HALF_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)}


def fold(text: str) -> str:
    """Return `text` with full-width letters and punctuation as ASCII, one character for one."""
    return text.translate(_HALF_WIDTH)


def _any(entries: str) -> str:
    return "(?:" + "|".join(entries.split()).replace("_", r"\s+") + ")"


LINK = re.compile(
    r"(?:https?|ftp)://[^\s<>\"'\uff0c。\uff1b、\uff09]+|\bwww\.[^\s\uff0c。\uff1b、\uff09]+", re.I
)
MARKDOWN_LINK = re.compile(r"!?\[[^\[\]]*\]\([^()]*(?:\([^()]*\)[^()]*)?\)|<(?:https?|ftp)://[^<>\s]+>", re.I)
LINK_LABEL = re.compile(
    _any("""
    参考(?:资料|文献|链接|文章|博客)? 原文(?:链接|地址)? 链接 地址 来源 出处 转自 详见 见 图片? 推荐阅读 扩展阅读
    references? refs? links? see(?:_also)? sources? from via further_reading image figure
    """),
    re.I,
)

QUESTION = re.compile(
    r"\?$|[吗呢么]$|"
    + _any("""
    为什么 为何 为啥 如何 怎么 怎样 什么 哪些 哪个 哪种 哪里 是否 多少 几种 何时 有何 能不能 会不会 要不要 是不是
    ^(?:what|why|how)\\b ^(?:is|are|do|does|did|can|could|should|would)\\b
    ^(?:when|which|where|who|whether)_(?:is|are|do|does|did|should|can|to|will|would)\\b
    """),
    re.I,
)

# A subject is named by what is said of it: these nouns end headings, and rarely sentences.
NOMINAL_END = re.compile(
    _any("""
    区别 差别 差异 对比 比较 异同 联系 关系 原因 原理 作用 影响 意义 优势 劣势 优缺点 优点 缺点 特点 性质 定义 概念
    含义 分类 类型 种类 方法 办法 方案 方式 技巧 策略 步骤 流程 过程 机制 思想 本质 结构 公式 推导 证明 计算 实现 应用
    场景 选择 目的 条件 现象 问题 总结 小结 简介 介绍 概述 理解
    \\b(?:differences?|comparison|vs\\.?_\\S+|versus_\\S+|formula|derivation|proof|intuition|basics|overview)
    """)
    + "$",
    re.I,
)

ASSERTION = re.compile(
    _any("""
    可以 能够 需要 必须 应该 可能(?!性) (?<![于但只就还总])是(?!否|非) 就是 (?<![社机])会(?![话议员计]) 不能 才能 就能
    使得 导致 造成 意味 表示(?!学习|$) 说明(?!$) 取决 等于 属于 位于 来自 具有 拥有 包含 (?<![为除罢])了(?!解) 也 都
    又 把 一般(?!化) 通常 往往
    """)
    + r"|(?<![\w-])"
    + _any("""
    is are was were be been has have had can could will would should must may might does did makes? gives? means?
    becomes? keeps? helps? reduces? increases? allows? depends?
    """)
    + r"\b",
    re.I,
)
CONNECTIVE = re.compile(
    _any("""
    因此 所以 但 然而 而且 并且 此时 这时 这样 这里 这个 这种 这是 这就 那么 于是 首先 其次 最后(?!一) 另外 此外 同时
    其中 例如 比如 注意(?!力) 由于 因为 如果 假设(?!检验|空间) 当(?!前) 则 它 他们 我们? 你 可见 显然 总之 综上 也就是
    (?:first|second|third|finally|note|in_practice|in_short|for_example)\\s*,
    (?:its?|this|that|these|those|they|we|you|there|so|thus|hence|however|then|therefore|but|and|also|if|because)\\s
    (?:since|note_that|for_example)\\s
    """),
    re.I,
)

# What a paragraph is for rather than what it is about. A line made of these alone names no subject.
ROLE = re.compile(
    _any("""
    解决(?:方法|方案|办法|思路|措施)? 如何解决 怎么解决 怎么办 怎么做 为什么 为何 如何 是什么 什么 原因 理由 因素
    优缺点 优点 缺点 优势 劣势 不足 好处 坏处 局限性? 现象 问题 步骤 流程 过程 总结 小结 结论 备注 补充 扩展 拓展
    参考(?:资料|文献|链接|答案)? 注意(?:事项|点)? 例子 示例 举例 案例 公式 推导 证明 特点 特性 性质 作用
    应用(?:场景)? 场景 定义 概念 含义 背景 动机 目的 意义 方法 办法 方案 措施 思路 思想 原理 做法 实现 代码 实验 结果
    效果 影响 区别 对比 比较 答案? 解答 回答 解析 分析 解释 说明 描述 介绍 简介 概述 附录 输入 输出 改进 改动 变化
    关键 核心 要点 重点 建议 技巧 条件 内容 情况 方面 类型 种类
    (?:训练|测试|推理|预测)(?:时|阶段|过程|流程) (?:训练|测试|推理|预测):
    主要 常见 常用 具体 一般 基本 简单 详细 通常 相关 其他 其它 另外 可能 以下 如下 下面 上面 以上 上述
    [有的是和与及或之几多两点种个条项类步] [一二三四五六七八九十\\d]+
    """)
    + r"|\b"
    + _any("""
    solutions? fix(?:es)? remed(?:y|ies) causes? reasons? pros? cons? advantages? disadvantages? drawbacks? benefits?
    limitations? steps? summary conclusions? references? notes? remarks? examples? formulas? formulae proofs?
    definitions? background motivation purpose uses? usage applications? properties features? results? effects?
    methods? approach(?:es)? answers? explanations? analysis code input output main common typical key the of and or
    some following possible other in to with for why how what symptoms? overview details? intuition tips? caveats?
    see_also (?:at_)?(?:training|test|testing|inference)(?:_(?:time|phase|stage))?(?=:)
    """)
    + r"\b",
    re.I,
)

POINTS_BELOW = re.compile(_any("如下 以下 下面 下列 下述 following as_follows below"), re.I)
LEAD_IN = re.compile(
    POINTS_BELOW.pattern
    + "|"
    + _any("""
    如图 见下 有[\\d一二两三四五六七八九十几多]+[点种个条类]
    (?:[有是即如令设时后前中上下]|(?<![正规法准])则|(?<!行)为|(?<!感)知|(?<!心)得|包括|包含|分为|例如|比如|其中|等于|写成|来说|来看|来讲|而言|阶段):$
    \\b(?:are|is|include|includes|including|by|as|with|that|for_example|e\\.g\\.)\\s*:$
    ^(?:其中|例如|比如|对于|关于|从(?!零)|在(?!线)|当(?!前)|若|设(?!计)|令(?!牌)|由(?!于)|根据|给定)
    ^(?:in|for|given|where|let|when|if|with|at|on|during|because|since)\\b
    """),
    re.I,
)

# A page about itself: its title, and the paragraph that says where it is from.
SELF_REFERENCE = re.compile(
    _any("""
    本文 本篇 本博客 本笔记 这篇 整理 转载 汇总 搜集 收集 面经 博客 持续更新 仅供 笔记 合集 题库 八股 备忘 面试题 目录
    \\bthis_(?:post|article|page|note|document|file|collection)\\b \\b(?:these|my)_(?:notes|questions)\\b
    \\b(?:study|interview|lecture|reading|personal|revision)_(?:notes|questions|collection)\\b
    \\b(?:collected|compiled)_from\\b \\bcheat_?sheet\\b \\bnotes_(?:on|about|for|from)\\b \\bblog\\b
    \\btable_of_contents\\b \\bwork_in_progress\\b
    """),
    re.I,
)
INTRODUCTION = re.compile(
    _any("""
    本文 本篇 这篇 本博客 本笔记 本资料 该博客 这份(?:笔记|资料) 面经 博客 转载 整理(?:自|以|于|了|而|成|如下) 仅供
    持续更新 以下(?:资料|内容|题目|问题)
    \\bthis_(?:post|article|page|note|document|file|collection|blog)\\b \\b(?:these|my)_(?:notes|questions)\\b
    \\b(?:collected|compiled)_(?:from|by|for)\\b \\bwork_in_progress\\b
    """),
    re.I,
)

# The frame of a web page: counters, buttons, dates, rights. Each pattern covers a whole line.
_COUNT = r"[\s\d.,万千kK%+():·|/\-]*"
PAGE_CHROME = re.compile(
    _COUNT
    + "(?:"
    + _any("""
    点赞 赞同? 喜欢 收藏夹? 评论[数区]? 条评论 添加评论 写评论 查看评论 分享 转发 举报 关注 已关注 打赏 投币
    阅读(?:量|数|全文)? 浏览[量数]? 次浏览 登录 注册 首页 返回顶部 回到顶部 上一篇 下一篇 展开全部 展开阅读全文
    收起 复制链接 私信 订阅 专栏 目录
    likes? shares? comments? repl(?:y|ies) follow(?:ers)? subscribe views? claps? saved? bookmark sign_in sign_up log_in
    menu back_to_top next previous read_more min_read report copy_link home
    """)
    + _COUNT
    + ")+|"
    + _any("""
    (?:编辑于|发布于|发表于|更新于|最后更新|最后编辑|修改于|创建于|posted_on|published|last_updated|edited)[\\d\\W年月日a-z]*
    (?:版权|copyright|©|all_rights_reserved|powered_by|上一篇|下一篇|previous_post|next_post|文章来源|责任编辑).*
    (?:作者|标签|tags?|author):.*
    """),
    re.I,
)
