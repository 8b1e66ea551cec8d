"""What is encrypted can be read back with a key in use, and only then."""

import base64

import pytest

from core.encryption import Unreadable, decrypt, encrypt, under_first_key

OLD, NEW = (base64.urlsafe_b64encode(letter * 32).decode() for letter in (b"o", b"n"))


@pytest.mark.parametrize("text", ["", "12 Rue de l’Église, Zürich", "𐤀" * 300])
def test_a_text_comes_back(text):
    sealed = encrypt(text)
    assert (decrypt(sealed), sealed.isascii()) == (text, True)


def test_equal_texts_do_not_look_alike():
    assert encrypt("07700 900111") != encrypt("07700 900111")


def test_a_newer_key_writes_and_the_older_still_reads(settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    written_before = encrypt("before")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    written_since = encrypt("since")
    assert (decrypt(written_before), decrypt(written_since)) == ("before", "since")
    assert (under_first_key(written_before), under_first_key(written_since)) == (False, True)


def test_without_its_key_a_text_stays_shut(settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    sealed = encrypt("before")
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(Unreadable):
        decrypt(sealed)


def test_a_changed_text_is_refused():
    sealed = encrypt("12 High Street")
    place = len(sealed) // 2
    other = "A" if sealed[place] != "A" else "B"
    with pytest.raises(Unreadable):
        decrypt(sealed[:place] + other + sealed[place + 1 :])


def test_without_keys_of_its_own_the_secret_key_gives_one_and_its_fallback_still_reads(settings):
    settings.FIELD_ENCRYPTION_KEYS = []
    settings.SECRET_KEY = "a" * 50
    sealed = encrypt("before")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "b" * 50, ["a" * 50]
    assert decrypt(sealed) == "before"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Unreadable):
        decrypt(sealed)
