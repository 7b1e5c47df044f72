"""데이터를 ``fit``이 받는 대로, 문 앞에서 한 번 받는다.

넘파이 배열뿐 아니라 텐서, 판다스, 입력의 목록과 사전은 배열로 바꾼다. ``tf.data.Dataset``, ``PyDataset``, 생성기처럼
스스로 배치를 내주는 것은 그대로 둔다.
"""

import itertools
import re
from types import GeneratorType

import keras
import numpy as np

from homl11._masks import untouched
from homl11.arguments import require

tree = keras.tree


def as_arrays(x, y=None, sample_weight=None):
    """``(x, y, sample_weight)``를 넘파이 배열로 바꾼다. 배열로 볼 수 없는 것(스스로 배치를 내주는 것)이면 ``None``.

    x와 y는 배열이거나 배열의 목록, 사전이다. 실수는 ``fit``처럼 ``floatx``로 바꾼다. 판다스의 행은 이름이 아니라
    차례로 센다.

    예외: 배열이 아닌 것이 섞였거나, 비었거나, 길이가 서로 다르면 ``ValueError``.
    """
    if is_feed(x):
        extra = [name for name, value in (("y", y), ("sample_weight", sample_weight)) if value is not None]
        require(not extra, "x", type(x).__name__, f"스스로 배치를 내주므로 {', '.join(extra)}를 따로 줄 수 없습니다")
        return None
    given = [(name, part) for name, part in zip(_NAMES, (x, y, sample_weight)) if part is not None]
    for name, part in given:
        _require_arrays(name, part)
    if not all(_is_plain(leaf) for _, part in given for leaf in tree.flatten(part)):
        return None  # 희소 텐서, 들쭉날쭉한 텐서, 글은 fit만이 다룬다
    parts = [None if part is None else _arrays(part) for part in (x, y, sample_weight)]
    lengths = {len(leaf) for part in parts if part is not None for leaf in tree.flatten(part)}
    require(len(lengths) == 1, "샘플 수", sorted(lengths), "x, y, sample_weight의 샘플 수가 모두 같아야 합니다")
    require(lengths != {0}, "샘플 수", 0, "샘플이 하나 이상 있어야 합니다")
    return tuple(parts)


_NAMES = ("x", "y", "sample_weight")


def is_feed(x):
    """스스로 배치를 내주는 것인가: ``tf.data.Dataset``, ``PyDataset``, 생성기, 파이토치의 ``DataLoader``."""
    return isinstance(x, keras.utils.PyDataset) or (
        not isinstance(x, (list, tuple, dict, str)) and hasattr(x, "__iter__") and not _is_array(x)
    )


def count(x):
    """샘플 수. ``x``는 ``as_arrays``가 준 것."""
    return len(tree.flatten(x)[0])


def take(part, rows):
    """모든 배열에서 같은 행들을 뽑는다."""
    return None if part is None else tree.map_structure(lambda array: array[rows], part)


def first_rows(x, n):
    """(``x``의 처음 n행, 처음부터 다시 읽을 수 있는 ``x``). 모자라면 되풀이해 채운다."""
    arrays = as_arrays(x)
    if arrays is None:
        if isinstance(x, GeneratorType):  # 한 번 꺼낸 것은 되돌려 놓는다
            first = next(x)
            x = (batch for batch in itertools.chain([first], x))
        elif is_feed(x):
            first = x[0] if isinstance(x, keras.utils.PyDataset) else next(iter(x))
        else:
            return tree.map_structure(lambda tensor: _first(tensor, n), x), x
        batch = keras.utils.unpack_x_y_sample_weight(first)[0]
        arrays = as_arrays(tree.map_structure(lambda leaf: keras.ops.convert_to_numpy(leaf), batch))
    head = arrays[0]
    return take(head, np.arange(n) % count(head)), x


def _first(tensor, n):
    """처음 n행. 희소한 것은 살펴보기만 할 것이므로 채워서 준다."""
    if hasattr(tensor, "tocsr"):
        return tensor[:n].toarray()
    if type(tensor).__name__ == "SparseTensor":
        import tensorflow as tf

        return tf.sparse.to_dense(tf.sparse.slice(tensor, [0] * len(tensor.shape), [n, *tensor.shape[1:]]))
    return tensor[:n]


def require_end(x):
    """끝이 없다고 알려진 데이터이면 ``ValueError``. 그대로 쓰면 ``fit``도 ``predict``도 돌아오지 않는다."""
    endless = hasattr(x, "cardinality") and int(x.cardinality()) == -1  # tf.data.INFINITE_CARDINALITY
    require(not endless, "데이터", type(x).__name__, "끝이 없는 데이터입니다. .take(배치 수)로 끝을 정하세요")


def require_taken(model, head):
    """모델이 데이터의 처음 몇 행을 받지 못하면, 두 모양을 견주어 말하는 ``ValueError``."""
    try:
        with untouched(model):
            model(head)
    except Exception as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        # 케라스의 첫 줄은 어느 모델을 부르다 났는지만 말한다.
        lines = [re.sub(r"\x1b\[\d*m", "", line) for line in lines]
        reason = next((line for line in lines if not line.startswith("Exception encountered")), type(error).__name__)
        given = [tuple(leaf.shape) for leaf in tree.flatten(head)]
        wanted = [tuple(leaf.shape) for leaf in tree.flatten(getattr(model, "inputs", None) or [])]
        known = f" 모델의 입력은 {_told(wanted)}입니다." if wanted else ""
        raise ValueError(
            f"모델이 이 데이터를 받지 못합니다. 데이터의 처음 몇 행은 {_told(given)}입니다.{known} "
            f"맨 앞의 축이 배치인지, 그 밖의 축과 자료형이 맞는지 보세요. 케라스의 말: {reason}"
        ) from error


def require_labels(model, y):
    """클래스 번호를 받는 손실이면 번호가 모델의 클래스 수보다 작아야 한다. 텐서플로는 그래프 속에서야 안다."""
    loss, shape = model.loss, getattr(model, "output_shape", None)
    sparse = loss == "sparse_categorical_crossentropy" or isinstance(loss, keras.losses.SparseCategoricalCrossentropy)
    single = isinstance(shape, tuple) and shape and isinstance(shape[-1], int) and isinstance(y, np.ndarray)
    if sparse and single and getattr(loss, "ignore_class", None) is None:
        low, high, rule = y.min(), y.max(), f"0 이상 {shape[-1]} 미만의 클래스 번호여야 합니다. 빈칸도 안 됩니다"
        require(0 <= low and high < shape[-1], "y의 범위", (low.item(), high.item()), rule)


def require_one_weight(class_weight, sample_weight):
    """``fit``은 두 가중치를 함께 받지 않는다."""
    both = class_weight is not None and sample_weight is not None
    rule = "sample_weight와 함께 줄 수 없습니다. 클래스의 가중치를 샘플의 가중치에 곱해 주세요"
    require(not both, "class_weight", class_weight, rule)


def _told(shapes):
    return ", ".join(map(str, shapes)) or "비어 있는 것"


class Batches(keras.utils.PyDataset):
    """배열들을 ``rows``의 차례대로, 배치씩 내준다."""

    def __init__(self, arrays, batch_size):
        super().__init__()
        self.arrays, self.batch_size = arrays, batch_size
        self.rows = np.arange(count(arrays[0]))

    def __len__(self):
        return -(-len(self.rows) // self.batch_size)

    def __getitem__(self, index):
        rows = self.rows[index * self.batch_size : (index + 1) * self.batch_size]
        return keras.utils.pack_x_y_sample_weight(*(take(part, rows) for part in self.arrays))


def _require_arrays(name, part):
    leaves = tree.flatten(part)
    wrong = [type(leaf).__name__ for leaf in leaves if not _is_array(leaf)]
    if wrong or not leaves:
        kind = wrong[0] if wrong else type(part).__name__
        raise ValueError(f"{name}: 배열이 아닌 것이 들어 있습니다({kind}). 수의 목록이면 np.array로 바꾸세요.")
    texts = [leaf for leaf in leaves if hasattr(leaf, "to_numpy") and leaf.to_numpy().dtype.kind not in "biuf"]
    rule = "수가 아닌 열이나 빈칸이 들어 있습니다. 수로 바꾸거나 채우세요"
    require(not texts, name, type(texts[0]).__name__ if texts else None, rule)
    if name != "x":  # 글을 받는 입력층은 있어도, 글을 받는 손실은 없다
        words = [leaf.dtype for leaf in leaves if _is_dense(leaf) and np.asarray(leaf[:1]).dtype.kind in "OSU"]
        require(not words, f"{name}의 자료형", words and str(words[0]), "수여야 합니다. 글이면 클래스 번호로 바꾸세요")


def _arrays(part):
    part = tuple(part) if isinstance(part, list) else part  # 텐서플로의 데이터 집합은 목록을 담지 못한다
    return tree.map_structure(_array, part)


def _is_array(value):
    """0차원이 아닌 배열이나 텐서. 희소 행렬도 든다."""
    if _is_dense(value):
        return getattr(value, "ndim", 1) > 0
    return hasattr(value, "tocsr") or keras.ops.is_tensor(value)


def _is_dense(value):
    return hasattr(value, "__array__")  # 희소 텐서와 들쭉날쭉한 텐서에는 없다


def _is_plain(value):
    """수를 빈칸 없이 담은 배열인가."""
    return hasattr(value, "to_numpy") or _is_dense(value) and np.asarray(value[:1]).dtype.kind in "biuf"


def _array(value):
    if hasattr(value, "to_numpy"):  # 판다스. 케라스처럼 Series는 열 하나로 본다
        array = value.to_numpy()
        array = array[:, None] if array.ndim == 1 else array
    else:
        array = keras.ops.convert_to_numpy(value) if keras.ops.is_tensor(value) else np.asarray(value)
    return array.astype(keras.backend.floatx()) if array.dtype.kind == "f" else array
