"""What is taught at the demo school, typed for it, and how work on it is called."""

from __future__ import annotations

from assessments.models import AssessmentType

TOPICS = {
    "MAT": (
        "Fractions",
        "Negative numbers",
        "Linear equations",
        "Angles",
        "Percentages",
        "Area and volume",
        "Ratio",
        "Reading charts",
    ),
    "ENG": (
        "A short story",
        "Letters",
        "Poems of the sea",
        "Reported speech",
        "Arguing a case",
        "A play",
        "Newspapers",
    ),
    "SCI": ("Cells", "Forces", "Acids and bases", "Light", "Food chains", "Electric circuits"),
    "HIS": ("The first cities", "Roman roads", "The Hanse", "Printing", "The steam engine", "1848"),
    "GEO": ("Maps and scale", "Rivers", "Weather and climate", "Living in cities", "The Alps", "Trade routes"),
    "FRE": ("At the market", "My week", "The past tense", "A day in Lyon", "Food and recipes", "Plans"),
    "ART": ("Still life in pencil", "Colour wheels", "A self-portrait", "Printing with lino", "A poster"),
    "MUS": ("Rhythm in groups", "A song in two parts", "Listening: strings", "Composing eight bars"),
    "PE": ("Endurance run", "Gymnastics on the floor", "Volleyball", "Swimming", "High jump"),
}
PRACTICAL = {"ART", "MUS", "PE"}


def title_of(code: str, kind: AssessmentType, number: int) -> str:
    """The title of the piece of work in this place of a subject's year, counted from 0."""
    topics = TOPICS[code]
    topic = topics[number // 2 % len(topics)]
    if code in PRACTICAL:
        return topic if kind == AssessmentType.TEST else f"{topic}: practice"
    return {
        AssessmentType.ASSIGNMENT: f"{topic}: worksheet",
        AssessmentType.QUIZ: f"Quiz: {topic}",
        AssessmentType.TEST: f"Test: {topic}",
        AssessmentType.EXAM: f"Exam {number // 6 + 1}",
    }[kind]
