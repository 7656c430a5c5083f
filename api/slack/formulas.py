r"""LaTeX, which Slack does not show, as code with Unicode signs: `$\frac{\partial L}{\partial w}$` is `∂L/∂w`.

What has no sign stays as it was written. It lays nothing out: a fraction is a line with brackets.
"""

from __future__ import annotations

import re

_SIGNS = {
    **dict(zip(
        "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma tau "
        "upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split(),
        "α β γ δ ϵ ε ζ η θ ϑ ι κ λ μ ν ξ π ρ σ τ υ ϕ φ χ ψ ω Γ Δ Θ Λ Ξ Π Σ Φ Ψ Ω".split(), strict=True)),
    **dict(zip(
        "cdot times div pm mp ast star circ odot otimes oplus le leq ge geq ne neq approx sim equiv propto ll gg in "
        "notin subset cup cap forall exists partial nabla infty sum prod int to rightarrow leftarrow Rightarrow "
        "mapsto leftrightarrow mid parallel perp langle rangle lfloor rfloor lceil rceil ldots cdots dots prime top "
        "ell hbar Vert vert".split(),
        "· × ÷ ± ∓ ∗ ⋆ ∘ ⊙ ⊗ ⊕ ≤ ≤ ≥ ≥ ≠ ≠ ≈ ∼ ≡ ∝ ≪ ≫ ∈ ∉ ⊂ ∪ ∩ ∀ ∃ ∂ ∇ ∞ ∑ ∏ ∫ → → ← ⇒ ↦ ↔ | ∥ ⊥ ⟨ ⟩ ⌊ ⌋ ⌈ ⌉ … ⋯ … "
        "′ ⊤ ℓ ℏ ‖ |".split(), strict=True)),
}  # fmt: skip
_ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "vec": "\u20d7", "dot": "\u0307"}
_HIGH = dict(zip("0123456789+-=()niTt*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵗ*", strict=True))
_LOW = dict(zip("0123456789+-=()aeijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))

_ARGUMENT = r"\{([^{}]*)\}"
_FRACTION = re.compile(rf"\\[dt]?frac\s*{_ARGUMENT}\s*{_ARGUMENT}")
_ROOT = re.compile(rf"\\sqrt\s*{_ARGUMENT}")
_ACCENT = re.compile(rf"\\(hat|bar|tilde|vec|dot)\s*(?:{_ARGUMENT}|(\w))")
_PLAIN = re.compile(
    rf"\\(?:text|mathrm|mathbf|mathbb|mathcal|boldsymbol|operatorname|bm|textbf|mathit)\*?\s*{_ARGUMENT}"
)
_SCRIPT = re.compile(rf"([\^_])(?:{_ARGUMENT}|(\w))")
_NAME = re.compile(r"\\([A-Za-z]+)( *)(?=(\w?))")
#: Names that LaTeX writes upright.
_UPRIGHT = frozenset("log ln exp max min arg argmax argmin sin cos tanh lim det Pr".split())
#: Code is left alone; `$5 and $10` are prices: no blank stands inside of the signs, no digit behind.
_MATH = re.compile(
    r"(?P<code>(?P<ticks>`+)(?!`)[\s\S]*?(?<!`)(?P=ticks)(?!`))"
    r"|\$\$(?P<a>[^$`]+?)\$\$|\\\[(?P<b>[^`]+?)\\\]"
    r"|\\\((?P<c>[^`\n]+?)\\\)|(?<![\\$A-Za-z0-9])\$(?P<d>(?!\s)[^$`\n]+?(?<!\s))\$(?![\d$])"
)


def with_readable_formulas(text: str) -> str:
    """Return Markdown `text`, in which no fence is open, with its formulas as code."""

    def shown(found: re.Match[str]) -> str:
        if found["code"]:
            return found[0]
        if block := found["a"] or found["b"]:
            return f"\n```\n{in_unicode(block)}\n```\n"
        return f"`{in_unicode(found['c'] or found['d'])}`"

    return _MATH.sub(shown, text)


def in_unicode(formula: str) -> str:
    """Return a LaTeX formula in Unicode signs."""
    formula = _spread(formula.strip())
    for _ in range(8):  # from the inside out; deeper nesting stays
        before = formula
        formula = _PLAIN.sub(r"\1", formula)
        formula = _ACCENT.sub(lambda m: (m[2] or m[3]) + _ACCENTS[m[1]], formula)
        formula = _SCRIPT.sub(_script, formula)
        formula = _ROOT.sub(lambda m: f"√{_bracketed(m[1])}", formula)
        formula = _FRACTION.sub(lambda m: f"{_bracketed(m[1])}/{_bracketed(m[2])}", formula)
        if formula == before:
            break
    return re.sub(r"\\[{}]|[{}]", lambda m: m[0].lstrip("\\") if len(m[0]) > 1 else "", formula)


def _spread(formula: str) -> str:
    """Return `formula` with its named signs replaced, and without what only spaces it out."""
    formula = re.sub(r"\\(?:left|right|displaystyle|limits|big|Big|bigg|Bigg)(?![A-Za-z])", "", formula)
    formula = re.sub(r"\\[,;:!> ]|~|\\q?quad(?![A-Za-z])", " ", formula).replace(r"\\", "\n")
    return _NAME.sub(_sign, formula)


def _sign(name: re.Match[str]) -> str:
    """Return the sign of a name, and a name that has none as it is."""
    if name[1] in _UPRIGHT:
        return name[1] + name[2]
    sign = _SIGNS.get(name[1], name[0])
    # The blank after a letter only ended its name; around a relation it was meant.
    is_close = sign in "∂∇" or (sign.isalpha() and name[3])
    return sign + ("" if is_close or sign == name[0] else name[2])


def _script(found: re.Match[str]) -> str:
    signs, inner = (_HIGH if found[1] == "^" else _LOW), found[2] if found[2] is not None else found[3]
    if all(sign in signs for sign in inner):
        return "".join(signs[sign] for sign in inner)
    # Round brackets, and only where they are needed, since the braces are taken away at the end.
    return f"{found[1]}{inner}" if len(inner) == 1 else f"{found[1]}({inner})"


def _bracketed(inner: str) -> str:
    return inner if re.fullmatch(r"[\w∂∇₀-₉⁰-⁹]{1,4}", inner) else f"({inner})"
