/* 학습률과 모멘텀의 식. homl11.schedules와 같다.
 *
 * 스케줄의 그림, 경주, 훈련이 함께 쓴다. 훈련은 일꾼(Web Worker)이 하므로 이 함수의 글을 그대로 일꾼에게 보낸다. 그래서
 * 바깥의 것을 쓰지 않는다. `t`는 스텝, `v`는 스케줄의 값, `total`은 훈련 전체의 스텝 수이다.
 */
"use strict";

const homl11Rates = () => {
  /* 꺾은선. 마지막 점부터는 마지막 값이다. */
  const brokenLine = (t, points, values) => {
    const i = points.findIndex((end, i) => i > 0 && t < end && points[i - 1] < end);
    if (i < 0) return values.at(-1);
    return values[i - 1] + (values[i] - values[i - 1]) * ((t - points[i - 1]) / (points[i] - points[i - 1]));
  };
  const phases = (v, total) => [0, ((1 - v.final_fraction) * total) / 2, (1 - v.final_fraction) * total, total];

  const RATES = {
    constant: (t, v) => v.rate,
    power: (t, v) => v.rate / (1 + t / v.power_steps) ** v.power,
    exponential: (t, v) => v.rate * v.decay_rate ** (t / v.decay_steps),
    piecewise: (t, v) => v.rate * (t <= v.first ? 1 : t <= v.second ? v.factor : v.factor ** 2),
    one_cycle: (t, v, total) => {
      const start = v.max_rate / v.ratio;
      return brokenLine(t, phases(v, total), [start, v.max_rate, start, start / 1000]);
    },
  };
  /* 1사이클이 아니면 `v.momentum`이다. */
  const momentum = (t, v, total) =>
    v.schedule === "one_cycle"
      ? brokenLine(t, phases(v, total), [v.max_momentum, v.min_momentum, v.max_momentum, v.max_momentum])
      : v.momentum ?? 0;

  /* 성능 기반: ReduceLROnPlateau와 같다. 손실을 차례로 보여 주면 그다음에 쓸 학습률을 준다. */
  const plateau = (v) => {
    let rate = v.rate, best = Infinity, wait = 0;
    return (loss) => {
      if (loss < best - 1e-4) [best, wait] = [loss, 0];
      else if (++wait >= v.patience) [rate, wait] = [rate * v.drop, 0];
      return rate;
    };
  };

  return { RATES, momentum, plateau };
};
