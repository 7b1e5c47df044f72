"""데이터를 ``fit``이 받는 대로, 문 앞에서 한 번 받는다.

넘파이 배열뿐 아니라 텐서, 판다스, 입력의 목록과 사전은 배열로 바꾼다. ``tf.data.Dataset``, ``PyDataset``, 생성기처럼
스스로 배치를 내주는 것은 그대로 둔다.
"""

import itertools
from types import GeneratorType

import keras
import numpy as np

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
            return tree.map_structure(lambda tensor: tensor[:n], x), x
        batch = keras.utils.unpack_x_y_sample_weight(first)[0]
        arrays = as_arrays(tree.map_structure(lambda leaf: keras.ops.convert_to_numpy(leaf), batch))
    head = arrays[0]
    return take(head, np.arange(n) % count(head)), x


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
    texts = [leaf for leaf in leaves if hasattr(leaf, "to_numpy") and leaf[:1].to_numpy().dtype.kind not in "biuf"]
    require(not texts, name, type(texts[0]).__name__ if texts else None, "수가 아닌 열이 들어 있습니다. 수로 바꾸세요")


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
