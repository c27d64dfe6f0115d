"""What nobody should send: content and the code of the refusal, by a name."""

from __future__ import annotations

import zlib

from pypdf import PdfWriter

from tests.employers import papers


def locked() -> bytes:
    made = papers.writer()
    made.encrypt("secret", algorithm="RC4-128")
    return papers.written(made)


def scripted() -> bytes:
    action = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
    opening = papers.CATALOGUE[:-2] + b"/OpenAction 5 0 R>>"
    return papers.raw_pdf(opening, papers.PAGES, papers.PAGE, papers.stream(b"", b""), action)


def carrying() -> bytes:
    made = papers.writer()
    made.add_attachment("run.exe", b"MZ")
    return papers.written(made)


def long() -> bytes:
    made = PdfWriter()
    for _number in range(201):
        made.add_blank_page(width=9, height=9)
    return papers.written(made)


def hidden_action(action: bytes) -> bytes:
    """In an object that no page leads to, with its names written in hexadecimal."""
    return papers.raw_pdf(papers.CATALOGUE, papers.PAGES, papers.PAGE, papers.stream(b"", b""), action)


def nested_bomb() -> bytes:
    """A few hundred bytes that are 200 MB when unpacked twice."""
    packer = zlib.compressobj(9)
    inner = b"".join(packer.compress(bytes(1 << 20)) for _n in range(200)) + packer.flush()
    return papers.with_contents(zlib.compress(inner, 9), b"/Filter[/FlateDecode/FlateDecode]")


def flat_bomb() -> bytes:
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(bytes(1 << 20)) for _n in range(70)) + packer.flush()
    return papers.with_contents(data)


def zip_of_nothing() -> bytes:
    return b"PK\x05\x06" + bytes(18)


REFUSED = {
    # A name is only a name.
    "a program": (b"MZ\x90\x00\x03" + bytes(100), "wrong_type"),
    "a Linux program": (b"\x7fELF" + bytes(100), "wrong_type"),
    "a script": (b"#!/bin/sh\nrm -rf /\n", "wrong_type"),
    "a page": (b"<html><script>1</script></html>", "wrong_type"),
    "a drawing that scripts": (b"<svg onload='x'/>", "wrong_type"),
    "an archive": (b"PK\x03\x04" + bytes(100), "wrong_type"),
    "EICAR": (papers.EICAR, "wrong_type"),
    "a PDF that begins late": (b"MZ" + papers.pdf(), "wrong_type"),
    "nothing": (b"", "wrong_type"),
    # Two formats in one.
    "a PDF and an archive": (papers.pdf() + zip_of_nothing(), "polyglot"),
    "a PDF and a RAR": (papers.pdf() + b"Rar!\x1a\x07\x00", "polyglot"),
    "a PDF and a program": (papers.pdf() + b"\nMZ\x90\x00", "polyglot"),
    "a PDF and a page": (papers.pdf()[:9] + b"%<script>1</script>\n" + papers.pdf()[9:], "polyglot"),
    "an archive within a PDF's last comment": (papers.pdf()[:-6] + b"%" + zip_of_nothing() + b"\n%%EOF", "polyglot"),
    "a JPEG and an archive": (papers.picture("JPEG") + zip_of_nothing(), "polyglot"),
    "a JPEG and a program that ends like one": (papers.picture("JPEG") + b"MZ\x90\xff\xd9", "polyglot"),
    "a PNG and a PDF": (papers.picture() + papers.pdf(), "polyglot"),
    "a PNG and a script that ends like one": (papers.picture() + b"<?php x ?>IEND\xaeB`\x82", "polyglot"),
    # Locks, scripts, files within.
    "a locked PDF": (locked(), "locked"),
    "a scripted PDF": (scripted(), "active"),
    "a PDF that carries a file": (carrying(), "active"),
    "a PDF that starts a program": (hidden_action(b"<</S/Launch/F(cmd.exe)>>"), "active"),
    "a PDF that hides its script": (hidden_action(b"<</S/Java#53cript/#4a#53(x)>>"), "active"),
    "a PDF that fetches": (hidden_action(b"<</S/GoToR/F(http://x.example/a.pdf)>>"), "active"),
    "a PDF that sends": (hidden_action(b"<</Type/Action/S/SubmitForm/F(http://x.example)>>"), "active"),
    "a PDF with a form of scripts": (hidden_action(b"<</XFA 4 0 R>>"), "active"),
    "EICAR in a PDF": (papers.with_contents(papers.EICAR, b""), "infected"),
    "EICAR packed in a PDF": (papers.with_contents(zlib.compress(papers.EICAR)), "infected"),
    # What grows.
    "a PDF that unpacks": (flat_bomb(), "bomb"),
    "a PDF that unpacks twice": (nested_bomb(), "bomb"),
    "a picture of nine hundred million points": (papers.png_of(30_000, 30_000), "bomb"),
    "a PDF without an end of pages": (long(), "too_long"),
    # Halves.
    "half a PDF": (papers.pdf()[:200], "damaged"),
    "a PDF of words": (b"%PDF-1.7 words %%EOF", "damaged"),
    "half a picture": (papers.picture(size=(300, 300))[:120], "damaged"),
    "half a photograph": (papers.picture("JPEG", (300, 300))[:400], "damaged"),
}
