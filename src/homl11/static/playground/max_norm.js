/* 맥스-노름 규제: 기울기가 민 가중치 벡터를 반지름 r의 공으로 당긴다. */
{
  const STEPS = 40;
  const TARGET = [2.6, 1.4]; // 손실이 가장 낮은 곳. 공 밖에 있다
  const CURVATURE = [1, 2];
  const NOISE = 3;

  const norm = ([a, b]) => Math.hypot(a, b);
  /* w가 공 안에 있으면 그대로, 밖이면 w·r/‖w‖. 방향은 바뀌지 않는다. */
  const pull = (w, r) => (norm(w) > r ? w.map((value) => (value * r) / norm(w)) : w);

  /* 스텝마다 민 자리(pushed)와 당긴 자리(path). r이 ∞이면 규제가 없다. */
  const walk = (rate, r) => {
    const random = playground.random(5);
    const path = [[-0.6, 0.9]], pushed = [];
    for (let t = 0; t < STEPS; t++) {
      const gradient = path[t].map((w, i) => CURVATURE[i] * (w - TARGET[i]) + NOISE * (2 * random() - 1));
      pushed.push(path[t].map((w, i) => w - rate * gradient[i]));
      path.push(pull(pushed[t], r));
    }
    return { path, pushed };
  };

  const draw = (v) => {
    const { path, pushed } = walk(v.rate, v.radius), free = walk(v.rate, Infinity).path;
    const map = playground.chart("공과 가중치 벡터, 민 화살표와 당긴 화살표", {
      x: [-2.2, 4.2], y: [-2.6, 3.8], xlabel: "가중치 w1", ylabel: "가중치 w2", height: 348,
    });
    const turn = (at) => playground.range(73, (i) => at((i * Math.PI) / 36));
    map.region("ball", turn((angle) => [v.radius * Math.cos(angle), v.radius * Math.sin(angle)]));
    for (const level of [0.2, 0.8, 1.8, 3.2, 5]) {
      map.line("contour", turn((angle) => [
        TARGET[0] + Math.sqrt((2 * level) / CURVATURE[0]) * Math.cos(angle),
        TARGET[1] + Math.sqrt((2 * level) / CURVATURE[1]) * Math.sin(angle),
      ]));
    }
    map.line("trace", path.slice(0, v.step + 1));
    map.dots("constrained", path.slice(0, v.step + 1), 2);
    map.dot("minimum", TARGET);
    const w = path[v.step], before = v.step ? pushed[v.step - 1] : w;
    const pulled = norm(before) > v.radius;
    if (v.step) map.arrow("push", path[v.step - 1], before);
    if (pulled) map.arrow("pull", before, w);
    map.arrow("constrained", [0, 0], w, "stroke-width:3");

    const norms = playground.chart("스텝에 따른 가중치 벡터의 노름", {
      x: [0, STEPS], y: [0, 5], xlabel: "스텝", ylabel: "노름", height: 348,
    });
    const shown = (points) => points.slice(0, v.step + 1).map((point, t) => [t, norm(point)]);
    norms.line("limit", [[0, v.radius], [STEPS, v.radius]]);
    norms.line("free", shown(free));
    norms.line("constrained", shown(path), "stroke-width:3");
    norms.dot("constrained", [v.step, norm(w)]);

    const [length, r] = [norm(before), v.radius].map(playground.text);
    const told = !v.step ? "아직 밀리지 않았다."
      : pulled ? `노름이 ${length}인 곳까지 밀렸다가 방향은 그대로 두고 반지름 ${r}의 공으로 당겨졌다.`
        : `노름이 ${length}인 곳으로 밀렸다. 공 안이므로 당기지 않는다.`;
    return {
      charts: [map.node, norms.node],
      legend: [
        ["맥스-노름 규제의 가중치", "constrained"], ["기울기가 민다", "push"], ["공으로 당긴다", "pull"],
        ["규제가 없을 때의 노름", "free"], ["반지름 r", "limit"],
      ],
      summary: `${STEPS}스텝 가운데 ${v.step}스텝. ${told} 규제가 없으면 노름은 ${playground.text(norm(free[v.step]))}이다.`,
    };
  };

  playground.define("max_norm", {
    label: "맥스-노름 규제 놀이터",
    compute: { walk, pull },
    draw,
    controls: [
      { id: "step", label: "스텝", type: "player", max: STEPS, value: 7 },
      { id: "radius", label: "반지름 r", min: 0.5, max: 4, step: 0.1, value: 1.5 },
      { id: "rate", label: "학습률 η", min: 0.02, max: 0.5, step: 0.02, value: 0.2 },
    ],
  });
}
