"""``benchmarks/training.py``가 부르는 다른 길들: 같은 네트워크, 같은 갱신을 강좌의 코드 없이.

784-100-100-100-10, ReLU, 배치 32, 모멘텀 0.9의 SGD. 에포크마다 훈련 손실과 정확도를 모으고 검증까지 한다. 저마다 그
도구를 아는 사람이 쓸 법한 꼴이다.
"""

import math

import numpy as np

SIZES, BATCH, RATE, MOMENTUM = (784, 100, 100, 100, 10), 32, 0.01, 0.9


def initial(seed=0):
    """He 정규 분포의 커널과 0인 편향."""
    draw = np.random.default_rng(seed)
    return [
        part
        for fan_in, fan_out in zip(SIZES, SIZES[1:])
        for part in (
            draw.normal(0, math.sqrt(2 / fan_in), (fan_in, fan_out)).astype("float32"),
            np.zeros(fan_out, "float32"),
        )
    ]


def starts(size):
    return range(0, size, BATCH)


# 넘파이


def _numpy_forward(weights, x):
    outputs = [x]
    for kernel, bias in zip(weights[:-2:2], weights[1:-2:2]):
        outputs.append(np.maximum(outputs[-1] @ kernel + bias, 0))
    logits = outputs[-1] @ weights[-2] + weights[-1]
    logits -= logits.max(axis=1, keepdims=True)
    exponentials = np.exp(logits)
    return outputs, logits, exponentials, exponentials.sum(axis=1, keepdims=True)


def _numpy_scores(weights, x, y):
    _, logits, _, total = _numpy_forward(weights, x)
    rows = np.arange(len(y))
    return np.log(total[:, 0]).sum() - logits[rows, y].sum(), (logits.argmax(axis=1) == y).sum()


def numpy_loop(data):
    x, y, x_valid, y_valid = data
    weights = initial()
    velocities = [np.zeros_like(weight) for weight in weights]

    def epoch(order):
        loss = correct = 0.0
        for start in starts(len(order)):
            rows = order[start : start + BATCH]
            labels, n = y[rows], len(rows)
            outputs, logits, exponentials, total = _numpy_forward(weights, x[rows])
            index = np.arange(n)
            loss += np.log(total[:, 0]).sum() - logits[index, labels].sum()
            correct += (logits.argmax(axis=1) == labels).sum()
            delta = exponentials / total
            delta[index, labels] -= 1
            delta /= n
            for layer in reversed(range(len(SIZES) - 1)):
                gradients = outputs[layer].T @ delta, delta.sum(axis=0)
                if layer:
                    delta = (delta @ weights[2 * layer].T) * (outputs[layer] > 0)
                for position, gradient in zip((2 * layer, 2 * layer + 1), gradients):
                    velocities[position] *= MOMENTUM
                    velocities[position] -= RATE * gradient
                    weights[position] += velocities[position]
        valid = [
            _numpy_scores(weights, x_valid[s : s + 1000], y_valid[s : s + 1000]) for s in range(0, len(y_valid), 1000)
        ]
        return loss / len(order), np.sum(valid, axis=0)[0] / len(y_valid)

    return epoch


def products(data):
    """넘파이의 행렬 곱만. 다른 길을 재는 잣대이다."""
    x, _, x_valid, _ = data
    weights = initial()
    kernels = weights[::2]

    def epoch(order):
        for start in starts(len(order)):
            outputs = [x[start : start + BATCH]]
            for kernel in kernels:
                outputs.append(outputs[-1] @ kernel)
            delta = outputs[-1]
            for layer in reversed(range(len(kernels))):
                outputs[layer].T @ delta
                if layer:
                    delta = delta @ kernels[layer].T
        valid = x_valid
        for kernel in kernels:
            valid = valid @ kernel
        return math.nan, math.nan

    return epoch


# JAX


def jax_scan(data):
    import jax
    import jax.numpy as jnp

    x, y, x_valid, y_valid = map(jnp.asarray, data)
    weights = list(map(jnp.asarray, initial()))
    state = weights, [jnp.zeros_like(weight) for weight in weights]
    whole = len(y) // BATCH * BATCH

    def forward(weights, x):
        for kernel, bias in zip(weights[:-2:2], weights[1:-2:2]):
            x = jax.nn.relu(x @ kernel + bias)
        return x @ weights[-2] + weights[-1]

    def losses(weights, x, y):
        logits = forward(weights, x)
        return jax.nn.logsumexp(logits, axis=1) - jnp.take_along_axis(logits, y[:, None], 1)[:, 0], logits

    def step(state, batch):
        weights, velocities = state

        def mean(weights):
            loss, logits = losses(weights, *batch)
            return loss.mean(), (loss.sum(), (logits.argmax(axis=1) == batch[1]).sum())

        gradients, scores = jax.grad(mean, has_aux=True)(weights)
        velocities = [MOMENTUM * v - RATE * g for v, g in zip(velocities, gradients)]
        return ([w + v for w, v in zip(weights, velocities)], velocities), scores

    @jax.jit
    def run(state, order, x, y):
        x, y = x[order], y[order]
        batches = x[:whole].reshape(-1, BATCH, x.shape[1]), y[:whole].reshape(-1, BATCH)
        state, (loss, correct) = jax.lax.scan(step, state, batches)
        total = loss.sum(), correct.sum()
        if whole < len(y):
            state, rest = step(state, (x[whole:], y[whole:]))
            total = [a + b for a, b in zip(total, rest)]
        valid, logits = losses(state[0], x_valid, y_valid)
        return state, total[0] / len(y), total[1] / len(y), valid.mean(), (logits.argmax(axis=1) == y_valid).mean()

    def epoch(order):
        nonlocal state
        state, loss, _, valid, _ = jax.block_until_ready(run(state, order, x, y))
        return float(loss), float(valid)

    return epoch


# 파이토치


def torch_eager(data):
    import torch
    from torch import nn

    x, y, x_valid, y_valid = (torch.from_numpy(part) for part in data)
    y, y_valid = y.long(), y_valid.long()
    layers = [part for sizes in zip(SIZES, SIZES[1:]) for part in (nn.Linear(*sizes), nn.ReLU())][:-1]
    model = nn.Sequential(*layers)
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), initial()):
            parameter.copy_(torch.from_numpy(value.T if value.ndim == 2 else value))
    optimizer, criterion = torch.optim.SGD(model.parameters(), RATE, MOMENTUM), nn.CrossEntropyLoss()

    def epoch(order):
        loss, correct, order = torch.zeros(()), torch.zeros(()), torch.from_numpy(order)
        for rows in order.split(BATCH):
            labels, logits = y[rows], model(x[rows])
            value = criterion(logits, labels)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            loss += value.detach() * len(rows)
            correct += (logits.argmax(dim=1) == labels).sum()
        with torch.no_grad():
            return float(loss / len(order)), float(criterion(model(x_valid), y_valid))

    return epoch
