"""모델을 만든다."""

import keras


def build_mlp(
    hidden_units=(300, 100),
    *,
    input_shape=(28, 28),
    classes=10,
    activation="relu",
    kernel_initializer="he_normal",
    seed=None,
):
    """완전 연결 분류기를 만든다: 펼치기 → 은닉층들 → 소프트맥스.

    인수:
        hidden_units: 은닉층마다의 뉴런 수.
        input_shape: 입력 하나의 모양.
        classes: 클래스 수. 출력층의 뉴런 수가 된다.
        activation, kernel_initializer: 은닉층의 활성화 함수와 초기화. 케라스의 이름을 그대로 쓴다.
        seed: 정수이면 케라스의 전역 난수를 이 값으로 맞추고 만든다. 초기 가중치가 어디서나 같아진다.

    반환: 컴파일하지 않은 ``keras.Sequential``.

    예외: 뉴런 수나 클래스 수가 양의 정수가 아니면 ``ValueError``.
    """
    for name, values in (("hidden_units", hidden_units), ("classes", (classes,))):
        if any(not isinstance(value, int) or value < 1 for value in values):
            raise ValueError(f"{name}={values!r}: 1 이상의 정수여야 합니다.")
    if seed is not None:
        keras.utils.set_random_seed(seed)
    layers = [keras.Input(input_shape), keras.layers.Flatten()]
    for units in hidden_units:
        layers.append(keras.layers.Dense(units, activation=activation, kernel_initializer=kernel_initializer))
    layers.append(keras.layers.Dense(classes, activation="softmax"))
    return keras.Sequential(layers)
