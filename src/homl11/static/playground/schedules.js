/* 다섯 스케줄과, 고른 스케줄로 내려가는 2차원의 내리막, 그리고 여섯의 경주. 식은 homl11.schedules와 같다. */
{
  const STEPS = 200;
  const CURVATURE = [1, 10]; // 골짜기의 두 방향. 모멘텀이 없으면 학습률이 2/10을 넘을 때 튕겨 나간다
  const START = [-4, 2];
  const NOISE = 2; // 미니배치의 기울기는 조금씩 다르다

  const SCHEDULES = {
    constant: "고정",
    power: "거듭제곱 기반",
    exponential: "지수 기반",
    piecewise: "구간별 고정",
    performance: "성능 기반",
    one_cycle: "1사이클",
  };
  /* 색과 선은 그림의 것이다(static/styles.json). */
  const DASHES = {
    constant: "none", power: "7 3", exponential: "9 3 2 3", piecewise: "2 3", performance: "10 2", one_cycle: "16 4",
  };

  const rates = homl11Rates();
  const momentum = (t, v) => rates.momentum(t, v, STEPS);
  const RATES = Object.fromEntries(
    Object.entries(rates.RATES).map(([name, rate]) => [name, (t, v) => rate(t, v, STEPS)]),
  );

  const loss = ([x, y]) => (CURVATURE[0] * x ** 2 + CURVATURE[1] * y ** 2) / 2;

  /* 케라스의 SGD와 같은 갱신으로 내려간다. 성능 기반은 내려가며 잰 손실로 학습률을 정한다. */
  const descend = (name, v) => {
    const random = playground.random(7);
    const used = [], path = [START], speed = [0, 0];
    const watch = rates.plateau(v);
    let rate = v.rate;
    for (let t = 0; t < STEPS; t++) {
      if (name !== "performance") rate = RATES[name](t, v);
      const m = momentum(t, v);
      const next = path[t].map((w, i) => {
        speed[i] = m * speed[i] - rate * (CURVATURE[i] * w + NOISE * (2 * random() - 1));
        return w + speed[i];
      });
      used.push(rate);
      path.push(next);
      if (name === "performance") rate = watch(loss(next)); // 여기서는 한 스텝을 한 에포크로 친다
    }
    return { rates: used, path, losses: path.map(loss) };
  };

  const distance = ([a, b], [c, d]) => Math.hypot(a - c, b - d);

  /* 지나온 길로 지금의 형편을 말한다. */
  const verdict = ({ path, losses }, step) => {
    if (!(losses[step] < 3 * losses[0])) return "학습률이 너무 커서 골짜기 밖으로 튕겨 나갔다.";
    if (step < 20) return "이제 막 내려가기 시작했다.";
    const mean = (values) => values.reduce((a, b) => a + b) / values.length;
    const level = mean(losses.slice(step - 19, step + 1)), before = mean(losses.slice(Math.max(0, step - 39), step - 19));
    if (level < 0.03) return "바닥에 내려앉았다.";
    // 맴돌면 많이 걸어도 제자리이고, 내려가는 중이면 걸은 만큼 나아간다.
    const recent = path.slice(Math.max(0, step - 50), step + 1);
    const walked = recent.slice(1).reduce((sum, point, i) => sum + distance(point, recent[i]), 0);
    if (walked < 0.05) return "학습률이 너무 일찍 줄어 도중에 멈추었다.";
    if (level < before && distance(recent[0], recent.at(-1)) > 0.2 * walked) return "아직 내려가는 중이다.";
    return level > 0.7 ? "바닥에서 멀리 튄다. 학습률이 크다." : "바닥 둘레를 맴돈다.";
  };

  const OUT = 30; // 이만큼 멀어지면 튕겨 나간 것이다. 그 뒤는 그리지 않는다
  /* 골짜기의 그림. 그 위에 길과 공을 그리는 함수를 함께 준다. */
  const map = (options) => {
    const chart = playground.chart("손실의 등고선 위를 내려가는 길", {
      x: [-5, 5], y: [-3.2, 3.2], xlabel: "가중치 w1", ylabel: "가중치 w2", ...options,
    });
    for (const level of [0.5, 2, 5, 10, 20, 35]) {
      const radius = CURVATURE.map((c) => Math.sqrt((2 * level) / c));
      chart.line("contour", playground.range(65, (i) => (i / 32) * Math.PI)
        .map((angle) => [radius[0] * Math.cos(angle), radius[1] * Math.sin(angle)]));
    }
    const walk = (name, { path }, step, style) => {
      const gone = path.findIndex((point) => distance(point, [0, 0]) > OUT);
      const walked = path.slice(0, Math.min(step, gone < 0 ? STEPS : gone) + 1);
      chart.line(`path ${name}`, walked, style);
      return walked;
    };
    return { ...chart, walk };
  };
  const curves = (v, plateau) => Object.fromEntries(Object.keys(SCHEDULES).map((name) => [
    name, name === "performance" ? plateau.rates : playground.range(STEPS, (t) => RATES[name](t, v)),
  ]));
  const dash = (name, width) => `stroke-dasharray:${DASHES[name]};stroke-width:${width}`;

  const draw = (v) => {
    const run = descend(v.schedule, v);
    const plateau = v.schedule === "performance" ? run : descend("performance", { ...v, schedule: "performance" });
    const steps = playground.range(STEPS);
    const all = curves(v, plateau);
    const highest = Math.max(...Object.values(all).flat());
    const style = (name) => dash(name, name === v.schedule ? 4 : 1.6);

    const drawn = playground.chart("여섯 가지 학습률을 스텝마다 그린 선", {
      x: [0, STEPS], y: v.log ? [1e-4, 2] : [0, highest * 1.05], log: v.log, xlabel: "스텝", ylabel: "학습률 η",
    });
    const order = Object.keys(SCHEDULES).sort((a, b) => (a === v.schedule) - (b === v.schedule));
    for (const name of order) drawn.line(name, steps.map((t) => [t, all[name][t]]), style(name));
    const now = Math.min(v.step, STEPS - 1);
    drawn.dot(v.schedule, [now, run.rates[now]], 6);

    const valley = map();
    const walked = valley.walk(v.schedule, run, v.step);
    valley.dots(v.schedule, walked, 1.6);
    valley.dot("minimum", [0, 0], 3);
    valley.dot(v.schedule, walked.at(-1), 6);

    const small = { x: [0, STEPS], xlabel: "스텝", height: 150 };
    const momenta = playground.chart("고른 스케줄의 모멘텀", { ...small, y: [0, 1], ylabel: "모멘텀" });
    momenta.line(v.schedule, steps.map((t) => [t, momentum(t, v)]));
    momenta.dot(v.schedule, [now, momentum(now, v)], 5);
    const losses = playground.chart("내려가는 동안의 손실", { ...small, y: [1e-3, 1e3], log: true, ylabel: "손실" });
    losses.line(v.schedule, run.losses.slice(0, v.step + 1).map((value, t) => [t, value]));

    return {
      charts: [drawn.node, valley.node, momenta.node, losses.node],
      legend: Object.entries(SCHEDULES).map(([name, label]) => [label, name, style(name)]),
      summary: `${SCHEDULES[v.schedule]}, ${STEPS}스텝 가운데 ${v.step}스텝. 학습률 ${playground.text(run.rates[now])}, `
        + `모멘텀 ${playground.text(momentum(now, v))}, `
        + `손실 ${run.losses[v.step] < 1e6 ? playground.text(run.losses[v.step]) : "매우 큼"}. ${verdict(run, v.step)}`,
    };
  };

  const only = (...names) => ({ when: (v) => names.includes(v.schedule) });
  const controls = [
    { id: "schedule", label: "내려갈 때 쓸 스케줄", type: "choice", options: SCHEDULES, value: "exponential" },
    { id: "step", label: "스텝", type: "player", max: STEPS, value: STEPS },
    { id: "rate", label: "초기 학습률 η0", min: 0.001, max: 1, value: 0.15, log: true,
      when: (v) => v.schedule !== "one_cycle" },
    { id: "power_steps", label: "η0/2가 되는 스텝 s", min: 5, max: 200, step: 5, value: 40, ...only("power") },
    { id: "power", label: "거듭제곱수 c", min: 0, max: 3, step: 0.1, value: 1, ...only("power") },
    { id: "decay_steps", label: "r배가 되는 스텝 s", min: 5, max: 200, step: 5, value: 100, ...only("exponential") },
    { id: "decay_rate", label: "줄어드는 비율 r", min: 0.05, max: 1, step: 0.05, value: 0.1, ...only("exponential") },
    { id: "first", label: "첫 경계", min: 5, max: 95, step: 5, value: 80, ...only("piecewise") },
    { id: "second", label: "둘째 경계", min: 100, max: 195, step: 5, value: 140, ...only("piecewise") },
    { id: "factor", label: "경계마다 곱하는 수", min: 0.05, max: 1, step: 0.05, value: 0.2, ...only("piecewise") },
    { id: "drop", label: "줄일 때 곱하는 수", min: 0.1, max: 0.9, step: 0.05, value: 0.5, ...only("performance") },
    { id: "patience", label: "참는 스텝 수", min: 2, max: 50, value: 10, ...only("performance") },
    { id: "max_rate", label: "최대 학습률 η1", min: 0.001, max: 1, value: 0.02, log: true, ...only("one_cycle") },
    { id: "ratio", label: "η1은 η0의 몇 배", min: 1, max: 50, value: 10, ...only("one_cycle") },
    { id: "final_fraction", label: "마지막 구간의 비율", min: 0, max: 0.5, step: 0.05, value: 0.1, ...only("one_cycle") },
    { id: "max_momentum", label: "최대 모멘텀", min: 0.85, max: 0.99, step: 0.01, value: 0.95, ...only("one_cycle") },
    { id: "min_momentum", label: "최소 모멘텀", min: 0, max: 0.85, step: 0.01, value: 0.85, ...only("one_cycle") },
    { id: "log", label: "학습률을 로그 눈금으로", type: "check", value: false },
  ];
  playground.define("schedules", {
    label: "학습률 스케줄 놀이터", compute: { RATES, momentum, descend }, draw, controls,
  });

  /* 경주: 여섯이 같은 곳에서 같은 잡음을 밟으며 내려간다. 가장 큰 학습률이 같고, 나머지 값은 위 놀이터의 처음 값이다. */
  const FATES = { bottom: "바닥에 내려앉은 것", way: "길 위에 있는 것", out: "튕겨 나간 것" };
  const fate = ({ path, losses }, step) => {
    if (path.slice(0, step + 1).some((point) => !(distance(point, [0, 0]) < OUT))) return "out";
    const recent = losses.slice(Math.max(0, step - 19), step + 1);
    return recent.reduce((a, b) => a + b) / recent.length < 0.03 ? "bottom" : "way";
  };
  const defaults = Object.fromEntries(controls.map(({ id, value }) => [id, value]));
  const runs = (rate) => Object.fromEntries(Object.keys(SCHEDULES).map((schedule) => [
    schedule, descend(schedule, { ...defaults, schedule, rate, max_rate: rate }),
  ]));

  const drawRace = (v) => {
    const racing = runs(v.rate);
    const valley = map({ wide: 0.5 });
    const drawn = playground.chart("여섯 가지 학습률을 스텝마다 그린 선", {
      x: [0, STEPS], y: [0, 1.05 * v.rate], xlabel: "스텝", ylabel: "학습률 η", wide: 0.3,
    });
    const all = curves({ ...defaults, rate: v.rate, max_rate: v.rate }, racing.performance);
    const now = Math.min(v.step, STEPS - 1);
    const heads = Object.entries(racing).map(([name, run]) => {
      drawn.line(name, all[name].map((value, t) => [t, value]), dash(name, 2));
      drawn.ball(name, SCHEDULES[name], [now, all[name][now]]);
      return [name, valley.walk(name, run, v.step, dash(name, 2)).at(-1)];
    });
    valley.dot("minimum", [0, 0], 3);
    for (const [name, point] of heads) valley.ball(name, SCHEDULES[name], point);
    const named = (kind) => Object.keys(racing).filter((name) => fate(racing[name], v.step) === kind)
      .map((name) => SCHEDULES[name]).join(", ") || "없다";
    return {
      charts: [valley.node, drawn.node],
      legend: Object.entries(SCHEDULES).map(([name, label]) => [label, name, dash(name, 2)]),
      summary: `${STEPS}스텝 가운데 ${v.step}스텝. `
        + Object.entries(FATES).map(([kind, label]) => `${label}: ${named(kind)}.`).join(" "),
    };
  };
  playground.define("race", {
    label: "여섯 학습률의 경주", compute: { runs, fate }, draw: drawRace, autoplay: true,
    controls: [
      { id: "rate", label: "가장 큰 학습률", min: 0.001, max: 1, value: 0.15, log: true },
      { id: "step", label: "스텝", type: "player", max: STEPS, value: STEPS },
    ],
  });
}
