import pytest

from sameperson.checks import InputError
from sameperson.data.broken_pictures import find_broken, require_readable
from sameperson.types import Samples


@pytest.fixture
def mixed(tmp_path, picture) -> Samples:
    whole = picture("a.jpg", (64, 32))
    (tmp_path / "cut.jpg").write_bytes(whole.read_bytes()[:-30])
    (tmp_path / "words.jpg").write_text("not a picture at all")
    picture("z.png")
    return Samples.of(["a.jpg", "cut.jpg", "gone.jpg", "words.jpg", "z.png"], [1, 1, 2, 2, 3], root=tmp_path)


def test_broken_pictures_come_with_row_and_reason(mixed: Samples) -> None:
    assert [(found.row, found.path, found.reason) for found in find_broken(mixed)] == [
        (1, "cut.jpg", "a JPEG cut short or damaged"),
        (2, "gone.jpg", "no such file"),
        (3, "words.jpg", "not a picture"),
    ]


def test_each_is_named_in_one_line(mixed: Samples) -> None:
    with pytest.raises(InputError) as caught:
        require_readable(mixed, skip=False)
    line = str(caught.value)
    assert line.startswith("3 of 5 pictures cannot be read: cut.jpg (a JPEG cut short or damaged), gone.jpg")
    assert "words.jpg (not a picture)" in line
    assert "\n" not in line


def test_many_are_named_in_part_and_counted(tmp_path) -> None:
    names = [f"{number}.jpg" for number in range(300)]
    with pytest.raises(InputError, match=r"300 of 300 .* 4\.jpg \(no such file\) and 295 more;"):
        require_readable(Samples.of(names, [1] * 300, root=tmp_path), skip=False)


def test_skipping_goes_on_without_them(mixed: Samples) -> None:
    left, found = require_readable(mixed, skip=True)
    assert left.path.tolist() == ["a.jpg", "z.png"]
    assert left.pid.tolist() == [1, 3]
    assert len(found) == 3


def test_nothing_left_is_an_error_even_when_skipping(mixed: Samples) -> None:
    with pytest.raises(InputError, match="at least one readable picture"):
        require_readable(mixed.take([1, 2]), skip=True)


def test_all_readable(mixed: Samples) -> None:
    whole = mixed.take([0, 4])
    left, found = require_readable(whole, skip=False)
    assert (len(left), found) == (2, [])
    assert find_broken(whole.take(slice(0))) == []
