"""A card in any script: what the fonts have is drawn, what they lack is said in words; the file stays tagged."""

from __future__ import annotations

import pytest

from dashboard.card import Card
from dashboard.card_words import words_of
from dashboard.report import ChildReport
from dashboard.tests.cards import open_pdf, pdf_words
from dashboard.typeset import clean, typeset, undrawn
from students.models import Student
from tests.cast import NOW

NOTICE = (
    "The fonts that this card was made with do not have all of its letters. ▯ stands for one that is missing, and the "
    "student id for such a name. The report in the portal shows them all."
)
UNIVERSAL_ACCESS = b"pdfuaid:part"


def card_of(given_name: str, family_name: str = "") -> dict:
    """The card of a child of whom nothing is known but the name."""
    student = Student(student_id="STU00001", given_name=given_name, family_name=family_name)
    return words_of(Card(ChildReport(student), []), NOW)


def made(*cards: dict, title: str = "Report card", school: str = "Hillside School") -> bytes:
    """The file as a machine without any installed font makes it."""
    return typeset(title, school, cards, NOW, system_fonts=False)


def heading_of(file: bytes) -> str:
    """What stands between the head of the page and the class."""
    return pdf_words(file).split("Report card ", 1)[1].split(" No class at the moment", 1)[0]


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Łukasz Nguyễn Thị",
        "Ελένη Παππά",
        "Дмитрий Ёлкин",
        "محمد",
        "גיל",
        "გიორგი",
        "Արմեն",
        "अनन",
        "Noor-Ül ’t Hooft",
    ],
    ids=["latin", "greek", "cyrillic", "arabic", "hebrew", "georgian", "armenian", "devanagari", "signs"],
)
def test_a_name_in_a_script_that_the_fonts_have_is_drawn(name):
    file = made(card_of(name))
    assert heading_of(file) == name
    assert NOTICE not in pdf_words(file)
    assert UNIVERSAL_ACCESS in open_pdf(file).trailer["/Root"]["/Metadata"].get_data()


@pytest.mark.parametrize(
    "name",
    ["王小明", "สมชาย", "김민준", "Bo 😀", "Bo \U0001f468\u200d\U0001f469\u200d\U0001f467", "Bo \x01", "Bo \u0378"],
)
def test_a_name_that_cannot_be_drawn_gives_way_to_the_student_id_and_the_card_says_so(name):
    file = made(card_of(name, "Lind"), title=f"Report card: {name}")
    assert heading_of(file) == "Student STU00001"
    assert NOTICE in pdf_words(file)
    # The title is read out and not drawn: it keeps the name.
    assert open_pdf(file).metadata.title == f"Report card: {name}"
    assert UNIVERSAL_ACCESS in open_pdf(file).trailer["/Root"]["/Metadata"].get_data()


def test_only_the_letters_that_are_missing_are_replaced_in_a_text():
    card = card_of("Bo")
    card["figures"] = [{"strong": "", "rest": "Wrote 你好 on the board."}]
    said = pdf_words(made(card))
    assert "Wrote ▯▯ on the board." in said
    assert NOTICE in said
    assert "Bo · STU00001" in said


def test_in_the_file_of_a_class_only_the_card_that_lacks_something_says_so():
    pages = [page.extract_text() for page in open_pdf(made(card_of("Amina"), card_of("王小明"), card_of("Bo"))).pages]
    assert ["▯" in page for page in pages] == [False, True, False]


def test_a_school_whose_name_cannot_be_drawn_has_cards_that_say_so():
    file = made(card_of("Amina"), school="光明学校")
    assert pdf_words(file).startswith("▯▯▯▯ Report card Amina No class")
    assert NOTICE in pdf_words(file)
    assert open_pdf(file).metadata.author == "光明学校"


@pytest.mark.parametrize("sign", ["\u202e", "\u202d", "\u202b", "\u2067"])
def test_marks_that_turn_the_direction_do_not_turn_the_line(sign):
    assert heading_of(made(card_of(f"Bo{sign}Lind"))) == "BoLind"


def test_a_long_word_may_break_but_never_between_a_letter_and_its_marks():
    name = "e\N{COMBINING ACUTE ACCENT}" * 30
    pieces = clean({"name": f"Łódź {name}"})["name"].removeprefix("Łódź ").split("\N{ZERO WIDTH SPACE}")
    assert "".join(pieces) == name
    assert len(pieces) == 10
    assert [piece for piece in pieces if not piece.startswith("e")] == []
    assert heading_of(made(card_of(name))).replace(" ", "").replace("\N{ZERO WIDTH SPACE}", "") == name


def test_what_looks_like_markup_is_text():
    name = "#panic() *b* _i_ `c` $x$ <l> @r \\ // = [t] #sys.inputs"
    assert heading_of(made(card_of(name))) == name


def test_the_file_is_tagged_titled_and_says_its_language():
    root = open_pdf(made(card_of("Amina"), title="Report card: Amina")).trailer["/Root"]
    assert root["/Lang"] == "en"
    assert bool(root["/MarkInfo"]["/Marked"])
    assert bool(root["/ViewerPreferences"]["/DisplayDocTitle"])
    assert "/StructTreeRoot" in root


def test_what_the_compiler_refuses_for_another_reason_is_made_without_the_standard():
    file = made(card_of("Amina"), title="")  # the standard asks for a title
    assert heading_of(file) == "Amina"
    assert NOTICE in pdf_words(file)
    assert UNIVERSAL_ACCESS not in open_pdf(file).trailer["/Root"]["/Metadata"].get_data()


def test_the_pages_of_each_card_are_counted_by_themselves():
    long = card_of("Amina")
    long["figures"] = [{"strong": "", "rest": f"Line {number}."} for number in range(80)]
    pages = [page.extract_text().splitlines()[-1] for page in open_pdf(made(long, card_of("Bo"))).pages]
    assert pages == [
        "Amina · STU00001 · as of 16 Mar 2026, 09:00 page 1 of 2",
        "Amina · STU00001 · as of 16 Mar 2026, 09:00 page 2 of 2",
        "Bo · STU00001 · as of 16 Mar 2026, 09:00 page 1 of 1",
    ]


def test_characters_are_read_out_of_what_the_compiler_says():
    said = 'the text `"王\\u{1}\\"\\\\"` could not be displayed; the text `"é"` could not be displayed with font'
    assert undrawn(said) == {"王", "\x01", '"', "\\", "é"}
    assert undrawn("error: missing document title") == set()
