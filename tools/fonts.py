"""The fonts that the PDF reports need for Arabic and Chinese, cut to the characters that can stand in a report.

    npm pack @expo-google-fonts/amiri @expo-google-fonts/noto-sans-sc   # unpack both into one folder
    pip install fonttools
    python -m tools.fonts FOLDER

Run it again when a test says that a character of the Chinese catalogue has no glyph.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tracker.languages.catalogues import messages
from tracker.languages.known import by_code

FONTS = Path(__file__).resolve().parent.parent / "templates" / "reports" / "fonts"
# Latin with its marks, punctuation, arrows and signs, Chinese punctuation, full-width forms.
SIGNS = (*range(0x20, 0x7F), *range(0xA0, 0x250), *range(0x2000, 0x2070), *range(0x2190, 0x2200),
         *range(0x25A0, 0x2600), *range(0x3000, 0x3030), *range(0xFF00, 0xFFF0))  # fmt: skip
ARABIC = (*range(0x600, 0x700), *range(0xFB50, 0xFE00), *range(0xFE70, 0xFF00))


def gb2312() -> set[int]:
    """The code points of GB 2312: the 6,763 Chinese characters of common use, with names of places, and signs."""
    found = (
        bytes((0xA0 + row, 0xA0 + cell)).decode("gb2312", "ignore")
        for row in range(1, 95)
        for cell in range(1, 95)
    )
    return {ord(sign) for sign in found if sign}


def used(code: str) -> set[int]:
    """The code points of a language's catalogue."""
    return {
        ord(sign)
        for one in messages(by_code(code))
        for text in (one.string if isinstance(one.string, tuple) else (one.string,))
        for sign in text
    }


def cut(source: Path, target: Path, points: set[int]) -> None:
    """Writes a font with some characters only, and all that their joining and placing needs."""
    from fontTools import subset  # type: ignore[import-not-found]  # installed by hand, see above

    options = subset.Options(hinting=False, name_IDs=["*"], notdef_outline=True, recalc_timestamp=False)
    font = subset.load_font(str(source), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=points)
    cutter.subset(font)
    subset.save_font(font, str(target), options)


def main() -> None:
    """Cuts all fonts from a folder with the unpacked packages."""
    (source,) = map(Path, sys.argv[1:])
    arabic, chinese = {*SIGNS, *ARABIC}, {*SIGNS, *gb2312(), *used("zh")}
    jobs = {
        # Of those looked at the only Arabic one whose text can be copied and read aloud from the PDF in its order:
        # others draw the dots of letters apart, and each part counts as the letter.
        "Amiri_400Regular": arabic,
        "Amiri_700Bold": arabic,
        "NotoSansSC_400Regular": chinese,
        "NotoSansSC_600SemiBold": chinese,
    }
    for name, points in jobs.items():
        (path,) = source.rglob(f"{name}.ttf")
        cut(path, FONTS / path.name, points)


if __name__ == "__main__":
    main()
