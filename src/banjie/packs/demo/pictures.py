"""Made-up evidence: small pictures of one colour and short notes, each different from the next."""

from __future__ import annotations

import struct
import zlib

SIZE = 24  # pixels a side


def picture(number: int) -> bytes:
    """A PNG of one colour; another number gives another file."""
    red, green, blue = (60 + number * 37 % 160, 90 + number * 61 % 130, 80 + number * 17 % 140)
    row = b"\x00" + bytes((red, green, blue)) * SIZE
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)
    note = b"Comment\x00" + f"demonstration {number}".encode()
    parts = [(b"IHDR", header), (b"tEXt", note), (b"IDAT", zlib.compress(row * SIZE)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def note(number: int, key: str) -> bytes:
    """A text file that says what it is."""
    return f"演示附件 {number}：{key}。内容为虚构。\nDemonstration file {number} of {key}; invented.\n".encode()
