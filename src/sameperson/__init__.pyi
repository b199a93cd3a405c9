# The public face for type checkers; __init__.py says the same at run time, and a test holds the two together.

from sameperson.api import (
    Comparison as Comparison,
)
from sameperson.api import (
    compare as compare,
)
from sameperson.api import (
    draw_ranking as draw_ranking,
)
from sameperson.api import (
    embed as embed,
)
from sameperson.api import (
    load_network as load_network,
)
from sameperson.api import (
    read_dataset as read_dataset,
)
from sameperson.api import (
    read_pictures as read_pictures,
)
from sameperson.api import (
    search as search,
)
from sameperson.api import (
    train as train,
)
from sameperson.checks import InputError as InputError
from sameperson.config import MethodOptions as MethodOptions
from sameperson.config import ParserOptions as ParserOptions
from sameperson.config import Recipe as Recipe
from sameperson.config import ReidLosses as ReidLosses
from sameperson.data.batch import Batch as Batch
from sameperson.data.batch import Priors as Priors
from sameperson.data.dataset import Dataset as Dataset
from sameperson.data.split import query_and_gallery as query_and_gallery
from sameperson.evaluation.protocols.catalogue import PROTOCOLS as PROTOCOLS
from sameperson.evaluation.protocols.definition import Protocol as Protocol
from sameperson.evaluation.result import Evaluation as Evaluation
from sameperson.evaluation.result import evaluate as evaluate
from sameperson.evaluation.similarity import Rerank as Rerank
from sameperson.evaluation.similarity import Similarity as Similarity
from sameperson.methods.load import export_weights as export_weights
from sameperson.methods.load import shipped_weights as shipped_weights
from sameperson.methods.method import (
    Embedded as Embedded,
)
from sameperson.methods.method import (
    Group as Group,
)
from sameperson.methods.method import (
    Method as Method,
)
from sameperson.methods.method import (
    Phase as Phase,
)
from sameperson.methods.method import (
    Run as Run,
)
from sameperson.methods.parser import Parser as Parser
from sameperson.overrides import load_recipe as load_recipe
from sameperson.report.html import write_report as write_report
from sameperson.retrieval.preprocessing import Preprocessing as Preprocessing
from sameperson.types import Embeddings as Embeddings
from sameperson.types import Ranking as Ranking
from sameperson.types import Samples as Samples
from sameperson.world.dataset import make_world as make_world
from sameperson.world.plan import WorldPlan as WorldPlan

__version__: str
PUBLIC: dict[str, tuple[str, ...]]
