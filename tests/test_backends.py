"""케라스의 다른 백엔드에서도 패키지가 도는가.

텐서플로를 직접 부르는 곳은 ``training.py``의 한 클래스와 ``cifar10.py``의 두 층뿐이다.
"""

import importlib.util
import os
import subprocess
import sys

import pytest

from authoring import ROOT

MODULES = ["schedules", "optimizers", "models", "range_test", "training", "study", "cifar10"]


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX가 없다: .venv/bin/pip install jax")
@pytest.mark.parametrize("module", MODULES)
def test_package_on_jax(module):
    """그 모듈의 시험을 JAX에서 다시 한다. 에포크를 통째로 컴파일하는 길은 텐서플로에만 있고, 여기서는 fit을 쓴다."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", f"tests/test_{module}.py"]
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
