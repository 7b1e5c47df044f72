/* ℓ1과 ℓ2 규제: 손실의 등고선이 마름모와 원에 닿는 곳. 벌점은 케라스와 같이 α·Σ|w|, α·Σw²이다. */
{
  const REACH = 4;
  const PENALTIES = { l1: "ℓ1의 마름모", l2: "ℓ2의 원" };

  /* 손실은 ½(w - m)ᵀA(w - m), A = [[1, ρ], [ρ, 1]]. 규제가 없으면 m이 답이다. */
  const slope = (v) => [v.w1 + v.rho * v.w2, v.rho * v.w1 + v.w2]; // A·m
  const loss = (w, v) => {
    const [a, b] = [w[0] - v.w1, w[1] - v.w2];
    return (a * a + 2 * v.rho * a * b + b * b) / 2;
  };

  /* 최적 조건을 그대로 푼다. 반복해서 다가가지 않으므로 0은 정확히 0이다. */
  const SOLVE = {
    l2: (v, strength) => {
      const [p, q] = slope(v), d = 1 + 2 * strength;
      const det = d * d - v.rho ** 2;
      return [(d * p - v.rho * q) / det, (d * q - v.rho * p) / det];
    },
    l1: (v, strength) => {
      const [p, q] = slope(v);
      const shrink = (value) => Math.sign(value) * Math.max(0, Math.abs(value) - strength);
      // 하나를 0으로 두고 다른 하나를 푼 뒤, 0에 머물 수 있는지(기울기가 α 이하인지) 본다. 꼭 α일 때는 반올림을 봐준다.
      const [one, two] = [shrink(p), shrink(q)], limit = strength + 1e-12;
      if (Math.abs(q - v.rho * one) <= limit) return [one, 0];
      if (Math.abs(p - v.rho * two) <= limit) return [0, two];
      // 둘 다 0이 아니다. 부호를 가정하고 풀어 부호가 맞는 답을 고른다.
      for (const s of [-1, 1]) {
        for (const t of [-1, 1]) {
          const det = 1 - v.rho ** 2, a = p - strength * s, b = q - strength * t;
          const w = [(a - v.rho * b) / det, (b - v.rho * a) / det];
          if (w[0] * s > 0 && w[1] * t > 0) return w;
        }
      }
    },
  };

  const size = { l1: ([a, b]) => Math.abs(a) + Math.abs(b), l2: ([a, b]) => Math.hypot(a, b) };
  const circle = (count, at) => playground.range(count + 1, (i) => at((2 * Math.PI * i) / count));
  const ball = {
    l1: (r) => [[r, 0], [0, r], [-r, 0], [0, -r]],
    l2: (r) => circle(72, (angle) => [r * Math.cos(angle), r * Math.sin(angle)]),
  };
  /* 손실이 level인 타원. A의 고유벡터는 (1, 1)과 (1, -1) 방향이다. */
  const contour = (v, level) => circle(96, (angle) => {
    const a = Math.sqrt((2 * level) / (1 + v.rho)) * Math.cos(angle) * Math.SQRT1_2;
    const b = Math.sqrt((2 * level) / (1 - v.rho)) * Math.sin(angle) * Math.SQRT1_2;
    return [v.w1 + a + b, v.w2 + a - b];
  });

  const panel = (kind, v) => {
    const chart = playground.chart(`${PENALTIES[kind]}, 손실의 등고선, 해`, {
      x: [-REACH, REACH], y: [-REACH, REACH], xlabel: "가중치 w1", ylabel: "가중치 w2", height: 348,
    });
    const w = SOLVE[kind](v, v.strength);
    chart.region(kind, ball[kind](size[kind](w)));
    chart.line("axis", [[-REACH, 0], [REACH, 0]]);
    chart.line("axis", [[0, -REACH], [0, REACH]]);
    for (const level of [0.25, 1, 2.5, 5, 9]) chart.line("contour", contour(v, level));
    chart.line("level", contour(v, loss(w, v)));
    chart.line("trace", playground.range(81, (i) => SOLVE[kind](v, 0.1 * i)));
    chart.dot("minimum", [v.w1, v.w2]);
    chart.dot(kind, w, 7);
    return [chart.node, w];
  };

  const draw = (v) => {
    const [first, w1] = panel("l1", v), [second, w2] = panel("l2", v);
    const zeros = (w) => w.filter((value) => value === 0).length;
    const tell = (name, w) =>
      `${name}의 해는 (${w.map(playground.text).join(", ")})이고 0인 가중치는 ${zeros(w) ? `${zeros(w)}개이다` : "없다"}.`;
    return {
      charts: [first, second],
      legend: [
        ["ℓ1의 해와 마름모", "l1"], ["ℓ2의 해와 원", "l2"], ["해를 지나는 등고선", "level"],
        ["강도를 올릴 때 해가 가는 길", "trace"],
      ],
      summary: `규제 강도 α = ${playground.text(v.strength)}. ${tell("ℓ1", w1)} ${tell("ℓ2", w2)}`,
    };
  };

  playground.define("l1_l2", {
    label: "ℓ1과 ℓ2 규제 놀이터",
    compute: { SOLVE },
    draw,
    controls: [
      { id: "strength", label: "규제 강도 α", min: 0, max: 4, step: 0.05, value: 1.2 },
      { id: "w1", label: "규제 없는 답 w1", min: -3, max: 3, step: 0.1, value: 2.4 },
      { id: "w2", label: "규제 없는 답 w2", min: -3, max: 3, step: 0.1, value: 0.8 },
      { id: "rho", label: "등고선의 기울기 ρ", min: -0.8, max: 0.8, step: 0.1, value: 0.3 },
    ],
  });
}
