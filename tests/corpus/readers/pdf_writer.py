"""Minimal PDFs (ISO 32000-1), written by hand: text at places, in any script through a ToUnicode map."""

from __future__ import annotations

from collections.abc import Sequence

Line = tuple[float, float, float, str]
"""Size of type, x and y in points from the bottom left, text."""


def pdf(pages: Sequence[Sequence[Line]], *, locked: bool = False) -> bytes:
    """Return a PDF of A4 pages; a locked one names an owner and user password that nobody knows."""
    used = sorted({c for page in pages for *_, text in page for c in text})
    codes = {c: i + 1 for i, c in enumerate(used)}
    kids = " ".join(f"{6 + 2 * i} 0 R" for i in range(len(pages)))
    mapped = "\n".join(f"<{code:04x}> <{c.encode('utf-16-be').hex()}>" for c, code in codes.items())
    widths = " ".join(f"{code} [{500 if ord(c) < 256 else 1000}]" for c, code in codes.items())
    to_unicode = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(codes)} beginbfchar\n{mapped}\nendbfchar endcmap end end"
    )
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H"
        " /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity)"
        f" /Supplement 0 >> /W [{widths}] /FontDescriptor << /Type /FontDescriptor /FontName /X /Flags 4"
        " /FontBBox [0 -200 1000 800] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >> >>",
        _stream(to_unicode),
    ]
    for i, page in enumerate(pages):
        shown = "\n".join(
            f"BT /F {size} Tf {x} {y} Td <{''.join(f'{codes[c]:04x}' for c in text)}> Tj ET"
            for size, x, y, text in page
        )
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >>"
            f" /Contents {7 + 2 * i} 0 R >>"
        )
        objects.append(_stream(shown))
    body, offsets = b"%PDF-1.7\n", []
    for number, text in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n".encode("ascii")
    secret = "11" * 32
    lock = (
        f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{secret}> /U <{secret}> /P -4 >> /ID [<00> <00>]"
        if locked
        else ""
    )
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R {lock} >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode("ascii")


def _stream(text: str) -> str:
    return f"<< /Length {len(text)} >>\nstream\n{text}\nendstream"
