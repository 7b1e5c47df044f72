"""『핸즈온 머신러닝』 2판 11.3.6-11.5를 따라가는 한국어 강좌의 도우미 패키지.

모듈은 한 줄로 이어진다. 뒤의 것은 앞의 것만 불러온다.
``data`` → ``models`` → ``schedules``, ``optimizers``, ``range_test`` → ``training`` → ``display``, ``plots``

이 패키지를 먼저 불러오면 텐서플로의 시작 로그가 노트북에 남지 않는다.
"""

import logging
import os

__version__ = "0.1.0"

BACKENDS = ("tensorflow", "jax", "torch")  # 케라스가 고를 수 있는 것


def _import_keras_quietly():
    """케라스를 한 번 불러온다. 텐서플로가 파일 서술자 2에 바로 쓰는 로그는 그동안만 버린다.

    예외: 케라스가 쓸 백엔드가 설치되어 있지 않으면 ``ImportError``.
    """
    # 환경 변수로는 시작 로그의 일부만 막힌다. C++ 코드가 로그 설정을 읽기 전에 쓰기 때문이다.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        import keras  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name not in BACKENDS:
            raise
        raise ImportError(
            f"케라스의 백엔드가 없습니다({error.name}). pip install {error.name} 을 실행하세요. "
            "텐서플로의 휠이 없는 곳(파이썬 3.14, 인텔 맥)에서는 pip install jax 를 실행하고 "
            "환경 변수 KERAS_BACKEND를 jax로 둔 뒤 파이썬을 다시 켜세요."
        ) from None
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


def _ignore_retracing(record):
    """모델을 여럿 만들면 텐서플로가 «다시 컴파일했다»고 경고한다. 여러 모델을 견주는 강좌에서는 당연한 일이다."""
    return "retracing" not in record.getMessage()


_import_keras_quietly()
logging.getLogger("tensorflow").addFilter(_ignore_retracing)
