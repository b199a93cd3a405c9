"""What a recipe asks of its pictures is told before any training."""

import pytest

from sameperson.checks import InputError
from sameperson.config import Data, Evaluate, Recipe
from sameperson.training.train_split import split_training


@pytest.mark.parametrize(
    ("protocol", "says"),
    [("cross_clothes", "clothes unknown in 4 pictures"), ("market1510", "did you mean market1501?")],
)
def test_a_protocol_that_the_labels_do_not_serve(crowd, protocol, says):
    recipe = Recipe(data=Data(root=crowd, val_fraction=0.25), evaluate=Evaluate(protocol=protocol))
    with pytest.raises(InputError) as error:
        split_training(recipe)
    assert says in str(error.value)
