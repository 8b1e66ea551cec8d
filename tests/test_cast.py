from students.models import Student


def test_the_cast_is_as_it_says(cast):
    assert list(Student.objects.visible_to(cast.ana.user)) == [cast.amina, cast.bo]
    assert list(Student.objects.visible_to(cast.ben.user)) == [cast.cleo]
    assert list(Student.objects.visible_to(cast.mariam.user)) == [cast.amina]
    assert list(Student.objects.visible_to(cast.former.user)) == []
    assert set(Student.objects.visible_to(cast.office)) == {cast.amina, cast.bo, cast.cleo}
