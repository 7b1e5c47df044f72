"""모멘텀도 스케줄을 따르는 옵티마이저."""

from numbers import Real

import keras

from homl11.arguments import require


@keras.saving.register_keras_serializable(package="homl11")
class ScheduledMomentumSGD(keras.optimizers.Optimizer):
    """학습률과 모멘텀이 저마다 수이거나 스케줄인 모멘텀 최적화.

    스텝 t에서 ``m ← β(t)·m - η(t)·∇``, ``w ← w + m``. 모멘텀이 상수이면 ``keras.optimizers.SGD``와 같다.

    ``optimizer.momentum = 값``은 컴파일된 ``fit`` 안에서 아무 일도 하지 않는다. 그래프를 만들 때의 값이 굳기
    때문이다. 여기서는 모멘텀을 스텝의 함수로 그래프 안에서 계산하므로 정말로 바뀐다.

    인수:
        learning_rate: 학습률 η. 수 또는 ``LearningRateSchedule``.
        momentum: 모멘텀 β, [0, 1). 수 또는 스케줄(``OneCycleMomentum``). 스케줄은 학습률의 것과 같은 스텝을 받는다.
            기울기를 모으는 동안(``gradient_accumulation_steps``)에도 케라스는 배치마다 한 스텝으로 센다.
        그 밖의 인수는 ``keras.optimizers.Optimizer``와 같다.

    예외: 모멘텀이 수도 스케줄도 아니거나, 수인데 [0, 1) 밖이면 ``ValueError``. 출처: Smith (2018).

    예:
        >>> from homl11.optimizers import ScheduledMomentumSGD
        >>> from homl11.schedules import OneCycle, OneCycleMomentum
        >>> optimizer = ScheduledMomentumSGD(OneCycle(0.1, 100), OneCycleMomentum(100))
        >>> round(float(optimizer.learning_rate), 4), round(float(optimizer.momentum), 4)
        (0.01, 0.95)
    """

    def __init__(self, learning_rate=0.01, momentum=0.9, **kwargs):
        require("nesterov" not in kwargs, "nesterov", kwargs.get("nesterov"), "네스테로프 모멘텀은 없습니다. 빼세요")
        super().__init__(learning_rate=learning_rate, **kwargs)
        if isinstance(momentum, dict):  # 저장된 모델에서 읽을 때
            momentum = keras.optimizers.schedules.deserialize(momentum)
        if not _is_schedule(momentum):
            # 그냥 함수는 저장한 모델을 다시 열 때 되살릴 수 없다.
            rule = "수이거나, LearningRateSchedule을 상속한 스케줄이어야 합니다"
            require(isinstance(momentum, Real) and not isinstance(momentum, bool), "momentum", momentum, rule)
            require(0 <= momentum < 1, "momentum", momentum, "0 이상 1 미만이어야 합니다")
        self._momentum = momentum

    @property
    def momentum(self):
        """다음 갱신에서 쓸 모멘텀."""
        # 학습률의 스케줄이 보는 것과 같은 수. 기울기를 모을 때 self.iterations는 이것을 나눈 값이다.
        return self._momentum(self._iterations) if _is_schedule(self._momentum) else self._momentum

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._velocities = self.add_optimizer_variables(variables, "velocity")

    def update_step(self, gradient, variable, learning_rate):
        ops = keras.ops
        velocity = self._velocities[self._get_variable_index(variable)]
        momentum = ops.cast(self.momentum, variable.dtype)
        step = ops.cast(learning_rate, variable.dtype) * ops.cast(gradient, variable.dtype)
        self.assign(velocity, velocity * momentum - step)
        self.assign_add(variable, velocity)

    def get_config(self):
        momentum = self._momentum
        if _is_schedule(momentum):
            momentum = keras.optimizers.schedules.serialize(momentum)
        return {**super().get_config(), "momentum": momentum}


def _is_schedule(momentum):
    return isinstance(momentum, keras.optimizers.schedules.LearningRateSchedule)
