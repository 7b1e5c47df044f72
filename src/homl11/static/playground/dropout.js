/* 드롭아웃: 뉴런이 비율 p로 꺼지는 작은 신경망. 훈련, 추론, 몬테 카를로 표본을 견준다. */
{
  const UNITS = 12;
  const MODES = { training: "훈련", inference: "추론", monte_carlo: "몬테 카를로" };
  // 가운데가 빈 데이터. 빈 곳과 바깥에서 예측이 얼마나 퍼지는지 본다.
  const DATA = [-1, -0.9, -0.8, -0.68, -0.6, -0.5, -0.4, 0.3, 0.42, 0.5, 0.6, 0.7].map((x, i) => [
    x, Math.sin(3 * x) + 0.12 * Math.cos(17 * i),
  ]);
  /* 은닉층: 꺾이는 곳이 고르게 놓인 ReLU. 짝수 번째는 오른쪽, 홀수 번째는 왼쪽이 켜진다. */
  const hidden = (x) => playground.range(UNITS, (j) => {
    const knot = -1.2 + (2.4 * j) / (UNITS - 1);
    return Math.max(0, j % 2 ? knot - x : x - knot);
  });

  const GRID = playground.range(49, (i) => -1.5 + i / 16);
  const GRID_FEATURES = GRID.map(hidden);

  /* 가우스 소거법. */
  const solve = (matrix, right) => {
    const rows = matrix.map((row, i) => [...row, right[i]]), n = rows.length;
    for (let i = 0; i < n; i++) {
      const pivot = playground.range(n - i, (k) => k + i)
        .reduce((a, b) => (Math.abs(rows[b][i]) > Math.abs(rows[a][i]) ? b : a));
      [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
      for (let k = i + 1; k < n; k++) {
        const factor = rows[k][i] / rows[i][i];
        for (let j = i; j <= n; j++) rows[k][j] -= factor * rows[i][j];
      }
    }
    const answer = Array(n).fill(0);
    for (let i = n - 1; i >= 0; i--) {
      answer[i] = (rows[i][n] - rows[i].reduce((sum, a, j) => (i < j && j < n ? sum + a * answer[j] : sum), 0)) / rows[i][i];
    }
    return answer;
  };

  /* 출력층을 비율 p의 드롭아웃으로 끝까지 훈련한 값. 무작위로 끄고 잰 제곱 오차의 기댓값은
   * 끄지 않은 제곱 오차에 p/(1-p)·v²·Σh²을 더한 것이므로, 한 번에 풀 수 있다(Srivastava 외, 2014, 9.1절). */
  const train = (rate) => {
    const features = DATA.map(([x]) => [...hidden(x), 1]);
    const gram = playground.range(UNITS + 1, (i) => playground.range(UNITS + 1, (j) => {
      const product = features.reduce((sum, h) => sum + h[i] * h[j], 0);
      return i !== j ? product : i < UNITS ? product / (1 - rate) + 0.02 : product;
    }));
    return solve(gram, playground.range(UNITS + 1, (i) => features.reduce((sum, h, k) => sum + h[i] * DATA[k][1], 0)));
  };
  const masks = (rate, count, seed) => {
    const random = playground.random(seed);
    return playground.range(count, () => playground.range(UNITS, () => (random() >= rate ? 1 / (1 - rate) : 0)));
  };
  const output = (weights, features, mask) =>
    features.reduce((sum, h, j) => sum + weights[j] * h * (mask ? mask[j] : 1), weights[UNITS]);
  const moments = (values) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)];
  };

  /* 신경망 그림. 꺼진 뉴런은 색이 아니라 빈 동그라미와 가위표로도 알 수 있다. */
  const network = (weights, mask, scale) => {
    const chart = playground.chart("입력 하나, 은닉 뉴런 열둘, 출력 하나인 신경망", {
      x: [0.6, 9.4], y: [-0.7, UNITS - 0.3], bare: true, height: 300,
    });
    const middle = (UNITS - 1) / 2, largest = Math.max(...weights.slice(0, UNITS).map(Math.abs));
    for (let j = 0; j < UNITS; j++) {
      const on = !mask || mask[j] > 0;
      const faint = on ? "" : ";opacity:0.1";
      const width = (0.5 + (4 * Math.abs(weights[j])) / largest).toFixed(1);
      chart.line("wire", [[1.5, middle], [5, j]], faint);
      chart.line(weights[j] < 0 ? "negative" : "positive", [[5, j], [8.5, middle]], `stroke-width:${width}${faint}`);
    }
    for (let j = 0; j < UNITS; j++) {
      const on = !mask || mask[j] > 0;
      chart.dot(on ? "on" : "off", [5, j], 9);
      if (!on) chart.note("×", [5, j]);
    }
    chart.dot("on", [1.5, middle], 11);
    chart.dot("on", [8.5, middle], 11);
    chart.note("입력 x", [1.5, middle + 1]);
    chart.note("출력", [8.5, middle + 1]);
    chart.note(`켜짐 × ${playground.text(scale)}`, [7.3, 0]);
    return chart.node;
  };

  const draw = (v) => {
    const weights = train(v.rate);
    const count = { training: 1, inference: 0, monte_carlo: v.samples }[v.mode];
    // 이웃한 씨앗의 첫 난수는 서로 가깝다. 멀리 띄워야 누를 때마다 다른 뉴런이 꺼진다.
    const drawn = masks(v.rate, count, 7919 * v.again + 11);
    const chart = playground.chart("입력에 따른 예측과 훈련 데이터", {
      x: [-1.5, 1.5], y: [-2.5, 2.5], xlabel: "입력 x", ylabel: "예측", height: 300,
    });
    const curve = (mask) => GRID_FEATURES.map((features) => output(weights, features, mask));
    const curves = drawn.map(curve);
    const spread = GRID.map((x, i) => moments(curves.map((values) => values[i])));
    const points = (values) => GRID.map((x, i) => [x, values[i]]);
    if (v.mode === "monte_carlo") {
      const edge = (sign) => GRID.map((x, i) => [x, spread[i][0] + sign * spread[i][1]]);
      chart.region("band", [...edge(1), ...edge(-1).reverse()]);
    }
    for (const values of curves) chart.line(v.mode === "training" ? "alone" : "sample", points(values));
    if (v.mode === "monte_carlo") chart.line("mean", points(spread.map(([mean]) => mean)));
    chart.line("inference", points(curve()));
    chart.dots("data", DATA, 3.5);

    const on = count ? drawn.at(-1).filter(Boolean).length : UNITS;
    const scale = count ? 1 / (1 - v.rate) : 1;
    const at = (x) => {
      const features = hidden(x);
      const [mean, deviation] = moments(drawn.map((mask) => output(weights, features, mask)));
      return `x = ${x}에서 평균 ${playground.text(mean)}, 표준 편차 ${playground.text(deviation)}.`;
    };
    const told = {
      training: `은닉 뉴런 ${UNITS}개 가운데 ${on}개만 켜져 있고, 켜진 출력을 ${playground.text(scale)}배로 키운다.`,
      inference: `은닉 뉴런 ${UNITS}개가 모두 켜져 있고, 출력을 키우지 않는다. 예측은 늘 같다.`,
      monte_carlo: `표본 ${v.samples}개. 데이터가 있는 ${at(-0.7)} 데이터가 없는 ${at(1.3)}`,
    };
    return {
      charts: [network(weights, drawn.at(-1), scale), chart.node],
      legend: {
        training: [["일부를 끈 예측", "alone"], ["추론의 예측", "inference"]],
        inference: [["추론의 예측", "inference"]],
        monte_carlo: [["표본", "sample"], ["표본의 평균과 ±표준 편차", "mean"], ["추론의 예측", "inference"]],
      }[v.mode].concat([["양의 가중치", "positive"], ["음의 가중치", "negative"]]),
      summary: `${MODES[v.mode]}, 드롭아웃 비율 ${playground.text(v.rate)}. ${told[v.mode]}`,
    };
  };

  playground.define("dropout", {
    label: "드롭아웃 놀이터",
    compute: { DATA, train, masks },
    draw,
    controls: [
      { id: "mode", label: "쓰는 때", type: "choice", options: MODES, value: "monte_carlo" },
      { id: "rate", label: "드롭아웃 비율 p", min: 0, max: 0.8, step: 0.05, value: 0.3 },
      { id: "samples", label: "표본 수", min: 2, max: 100, value: 30, when: (v) => v.mode === "monte_carlo" },
      { id: "again", label: "다시 뽑기", type: "button", when: (v) => v.mode !== "inference" },
    ],
  });
}
