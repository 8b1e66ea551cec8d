"""The four grade scales that a new school chooses from, by lower bound in percent; the first is in use."""

SCALES: dict[str, list[tuple[str, str]]] = {
    "Letters A to F": [("A", "90"), ("B", "80"), ("C", "70"), ("D", "60"), ("F", "0")],
    "Letters with + and −": [
        ("A+", "97"),
        ("A", "93"),
        ("A−", "90"),
        ("B+", "87"),
        ("B", "83"),
        ("B−", "80"),
        ("C+", "77"),
        ("C", "73"),
        ("C−", "70"),
        ("D+", "67"),
        ("D", "63"),
        ("D−", "60"),
        ("F", "0"),
    ],
    "WASSCE A1 to F9": [
        ("A1", "75"),
        ("B2", "70"),
        ("B3", "65"),
        ("C4", "60"),
        ("C5", "55"),
        ("C6", "50"),
        ("D7", "45"),
        ("E8", "40"),
        ("F9", "0"),
    ],
    "Words, from a scale of 20": [
        ("Excellent", "80"),
        ("Good", "70"),
        ("Satisfactory", "60"),
        ("Sufficient", "50"),
        ("Fail", "0"),
    ],
}
CATEGORIES = {"quiz": "Quizzes", "test": "Tests", "exam": "Exams", "assignment": "Assignments"}
