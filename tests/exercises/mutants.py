"""풀이를 한 곳씩 고장 낸다: 비교, 연산, 상수, 빠뜨린 문장과 인수, 뒤바뀐 인수.

사람이 떠올린 틀린 답 말고도 확인이 물리쳐야 할 것을 기계가 만든다.
"""

import ast
import copy

COMPARE = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
}
ARITHMETIC = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,),
    ast.Pow: (ast.Mult,),
}


def _others(node):
    """노드 하나를 대신할 것들."""
    if isinstance(node, ast.Compare):
        for kind in COMPARE.get(type(node.ops[0]), ()):
            yield ast.Compare(node.left, [kind(), *node.ops[1:]], node.comparators)
    if isinstance(node, ast.BinOp):
        for kind in ARITHMETIC.get(type(node.op), ()):
            yield ast.BinOp(node.left, kind(), node.right)
    if isinstance(node, ast.UnaryOp):
        yield node.operand
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    if isinstance(node, ast.Constant) and not (
        isinstance(node.value, str) and " " in node.value
    ):  # 설명과 알림은 그대로
        if isinstance(node.value, bool):
            yield ast.Constant(not node.value)
        elif isinstance(node.value, (int, float)):
            yield ast.Constant(node.value + 1)
            yield ast.Constant(node.value - 1 if isinstance(node.value, int) else node.value / 2)
        elif isinstance(node.value, str):
            yield ast.Constant("relu" if node.value != "relu" else "tanh")
    if isinstance(node, ast.Call):
        if len(node.args) > 1:
            yield ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords)
        for place in range(len(node.keywords)):
            yield ast.Call(node.func, node.args, node.keywords[:place] + node.keywords[place + 1 :])
        if len(node.args) == 1 and not node.keywords:
            yield node.args[0]  # 부르지 않고 인수를 그대로
    if isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        yield node.value


def _without(node):
    """문장 하나를 대신할 것들."""
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.Break)) or (
        isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    ):
        yield ast.Pass()
    if isinstance(node, ast.Return) and node.value is not None:
        yield ast.Return(None)
    if isinstance(node, ast.Raise):
        yield ast.Pass()
    if isinstance(node, (ast.If, ast.While)):
        yield type(node)(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)


def mutants(source):
    """(무엇을 바꾸었는가, 고장 난 답 셀)들. 같은 글이 되는 것은 한 번만."""
    tree = ast.parse(source)
    count = len(list(ast.walk(tree)))
    seen = {ast.unparse(tree)}
    for number in range(count):
        for choice in range(3):
            changed = copy.deepcopy(tree)
            nodes = list(ast.walk(changed))
            target = nodes[number]
            found = [*_others(target), *_without(target)]
            if choice >= len(found) or not _replace(nodes, target, found[choice]):
                continue
            text = ast.unparse(ast.fix_missing_locations(changed))
            if text not in seen:
                seen.add(text)
                yield f"{ast.unparse(target)} → {ast.unparse(found[choice])}".replace("\n", " "), text


def _replace(nodes, target, other):
    for parent in nodes:
        for name, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, name, other)
                return True
            if isinstance(value, list):
                for place, item in enumerate(value):
                    if item is target:
                        value[place] = other
                        return True
    return False


# 풀이와 값이 같은 고장: 문제 → 바꾼 것 → 까닭.
ARGUED = {
    "00_learning_rate/steps": {"steps = None → pass": "바로 아래에서 답을 적는다"},
    "00_learning_rate/suggest": {"int(np.argmin(losses)) → np.argmin(losses)": "넘파이 정수도 자리로 쓸 수 있다"},
    "01_power/by_hand": {"rates = None → pass": "바로 아래에서 답을 적는다"},
    "04_performance/plateau": {
        "0 → 1": "참은 횟수의 첫 값이다. 첫 손실이 언제나 기록이어서 0으로 돌아간다",
        "0 → -1": "참은 횟수의 첫 값이다. 첫 손실이 언제나 기록이어서 0으로 돌아간다",
        "max(learning_rate * factor, min_lr) → max(min_lr, learning_rate * factor)": "max는 차례를 가리지 않는다",
    },
    "06_schedules_compared/interval": {
        "np.array(a) → a": "하나만 배열이어도 뺄 수 있다",
        "np.array(b) → b": "하나만 배열이어도 뺄 수 있다",
    },
    "13_warmup_cosine/rate": {
        "min(1, (step - warmup_steps) / (total_steps - warmup_steps)) → "
        "min((step - warmup_steps) / (total_steps - warmup_steps), 1)": "min은 차례를 가리지 않는다",
    },
    "07_overfitting/early_stopping": {
        "0 → 1": "최저인 에포크의 첫 값이다. 첫 손실이 언제나 최저여서 다시 적힌다",
        "0 → -1": "최저인 에포크의 첫 값이다. 첫 손실이 언제나 최저여서 다시 적힌다",
    },
    "08_l1_l2/by_hand": {
        "penalties = {'l1': None, 'l2': None} → pass": "바로 아래에서 답을 적는다",
        "'l1' → 'relu'": "빈 사전의 키이다. 바로 아래에서 답을 적는다",
        "'l2' → 'relu'": "빈 사전의 키이다. 바로 아래에서 답을 적는다",
        "1.5 + 2 + 0.5 + 0 → 1.5 + 2 + 0.5 - 0": "0은 더하나 빼나 같다",
        "1.5 ** 2 + 2 ** 2 + 0.5 ** 2 + 0 → 1.5 ** 2 + 2 ** 2 + 0.5 ** 2 - 0": "0은 더하나 빼나 같다",
        "2 ** 2 → 2 * 2": "2의 제곱은 2의 두 배이다",
    },
    "09_dropout/expected": {
        "output = {'켜짐': None, '평균': None, '분산': None} → pass": "바로 아래에서 답을 적는다",
        "'켜짐' → 'relu'": "빈 사전의 키이다. 바로 아래에서 답을 적는다",
        "'평균' → 'relu'": "빈 사전의 키이다. 바로 아래에서 답을 적는다",
        "'분산' → 'relu'": "빈 사전의 키이다. 바로 아래에서 답을 적는다",
        "6 / (1 - 0.4) → 6 // (1 - 0.4)": "꼭 10이어서 내림해도 같다",
        "0.6 * kept + 0.4 * 0 → 0.6 * kept - 0.4 * 0": "0은 더하나 빼나 같다",
        "0.4 → 1.4": "0에 곱하는 수이다",
        "0.4 → 0.2": "0에 곱하는 수이다",
        "0 - 6 → 0 + 6": "제곱하므로 부호가 사라진다",
    },
    "09_dropout/gap": {
        "model.evaluate(*train, verbose=0) → model.evaluate(*train)": "막대를 찍을 뿐 값은 같다",
        "model.evaluate(*valid, verbose=0) → model.evaluate(*valid)": "막대를 찍을 뿐 값은 같다",
        "0 → 1": "verbose이다. 막대를 찍을 뿐 값은 같다",
        "0 → -1": "verbose이다. 값은 같다",
    },
    "11_max_norm/step": {
        "np.square(w).sum(axis=0, keepdims=True) → np.square(w).sum(axis=0)": "열마다의 값이라 축이 없어도 맞는다",
        "True → False": "keepdims이다. 열마다의 값이라 축이 없어도 맞는다",
        "np.minimum(1, r / np.maximum(norms, 1e-12)) → np.minimum(r / np.maximum(norms, 1e-12), 1)": "차례와 상관없다",
        "np.maximum(norms, 1e-12) → np.maximum(1e-12, norms)": "차례와 상관없다",
        "1e-12 → 5e-13": "0으로 나누지 않게 할 뿐인 작은 수이다",
    },
    "11_max_norm/axis": {"list(range(len(shape) - 1)) → range(len(shape) - 1)": "케라스는 range도 축으로 받는다"},
    "12_guidelines/default": {
        "keras.layers.Dense(units, use_bias=False, kernel_initializer='he_normal') → "
        "keras.layers.Dense(units, kernel_initializer='he_normal')": "편향이 있는지는 문제가 정하지 않는다",
        "False → True": "use_bias이다. 편향이 있는지는 문제가 정하지 않는다",
    },
}
