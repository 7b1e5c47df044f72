/* 훈련: 강좌의 네트워크를 강좌의 숫자로, 이 쪽에서 훈련한다.
 *
 * 셈은 일꾼(Web Worker)이 하므로 쪽은 멈추지 않는다. 엔진과 숫자는 «훈련»을 눌러야 받는다. 노트북에서는 둘 다 출력에 들어 있다.
 * 여기에는 쪽마다 두는 작은 것(`training`)이 있고, 훈련 실험실(`laboratory`)은 이것에 laboratory.js를 더한다.
 */
"use strict";

const homl11Training = (() => {
  const here = document.currentScript?.src;
  const { html, text, range, chart } = playground;
  const FIRST = 0.05, SEEDS = [1, 2, 3, 4, 5], T = 2.776445; // 자유도 4인 t 분포의 97.5% 지점
  const MARGINS = { val_loss: 0.03, val_accuracy: 0.01 }; // 책이 작다고 보는 차이
  const CHANCE = Math.log(10), KEPT = 30;

  const SCHEDULES = {
    constant: "고정", power: "거듭제곱 기반", exponential: "지수 기반", piecewise: "구간별 고정", performance: "성능 기반",
    one_cycle: "1사이클",
  };
  const REGULARIZERS = { none: "없음", l1: "ℓ1", l2: "ℓ2", dropout: "드롭아웃", max_norm: "맥스-노름", stop: "조기 종료" };
  const NETWORKS = { h100_100: [100, 100], h300_100: [300, 100], h100_50: [100, 50], h30: [30] };
  const UNITS = Object.fromEntries(Object.entries(NETWORKS).map(([key, units]) => [key, units.join("-")]));
  const OPTIMIZERS = { sgd: "모멘텀 SGD", nadam: "Nadam" };

  const schedule = (...names) => ({ when: (v) => names.includes(v.schedule) });
  const regularizer = (name) => ({ id: name, when: (v) => v.regularizer === name });
  const cycling = (v) => v.schedule === "one_cycle" && v.optimizer === "sgd";
  const controls = [
    { id: "schedule", label: "학습률", type: "choice", options: SCHEDULES, value: "constant" },
    { id: "regularizer", label: "규제", type: "choice", options: REGULARIZERS, value: "none" },
    { id: "network", label: "은닉층", type: "choice", options: UNITS, value: "h100_100" },
    { id: "optimizer", label: "옵티마이저", type: "choice", options: OPTIMIZERS, value: "sgd" },
    { id: "rate", label: "가장 큰 학습률", min: 0.0001, max: 10, value: 0.02, log: true },
    { id: "power_epochs", label: "η0/2가 되는 에포크 s", min: 1, max: 30, value: 5, ...schedule("power") },
    { id: "power", label: "거듭제곱수 c", min: 0, max: 3, step: 0.1, value: 1, ...schedule("power") },
    { id: "decay_epochs", label: "r배가 되는 에포크 s", min: 1, max: 60, value: 12, ...schedule("exponential") },
    { id: "decay_rate", label: "줄어드는 비율 r", min: 0.01, max: 1, step: 0.01, value: 0.1, ...schedule("exponential") },
    { id: "first", label: "첫 경계 (훈련의 %)", min: 5, max: 50, step: 5, value: 40, ...schedule("piecewise") },
    { id: "second", label: "둘째 경계 (훈련의 %)", min: 55, max: 95, step: 5, value: 70, ...schedule("piecewise") },
    { id: "factor", label: "경계마다 곱하는 수", min: 0.05, max: 1, step: 0.05, value: 0.2, ...schedule("piecewise") },
    { id: "drop", label: "줄일 때 곱하는 수", min: 0.1, max: 0.9, step: 0.05, value: 0.5, ...schedule("performance") },
    { id: "patience", label: "참는 에포크 수", min: 1, max: 10, value: 2, ...schedule("performance") },
    { id: "ratio", label: "η1은 η0의 몇 배", min: 1, max: 50, value: 10, ...schedule("one_cycle") },
    { id: "final_fraction", label: "마지막 구간의 비율", min: 0, max: 0.5, step: 0.05, value: 0.1, ...schedule("one_cycle") },
    { id: "max_momentum", label: "최대 모멘텀", min: 0.85, max: 0.99, step: 0.01, value: 0.95, when: cycling },
    { id: "min_momentum", label: "최소 모멘텀", min: 0, max: 0.85, step: 0.05, value: 0.85, when: cycling },
    { id: "momentum", label: "모멘텀", min: 0, max: 0.99, step: 0.01, value: 0.9, when: (v) => v.optimizer === "sgd" && !cycling(v) },
    { label: "ℓ1 규제 강도", min: 1e-6, max: 0.01, value: 1e-4, log: true, ...regularizer("l1") },
    { label: "ℓ2 규제 강도", min: 1e-6, max: 0.1, value: 1e-3, log: true, ...regularizer("l2") },
    { label: "드롭아웃 비율 p", min: 0, max: 0.8, step: 0.05, value: 0.3, ...regularizer("dropout") },
    { label: "길이의 한계 r", min: 0.25, max: 4, step: 0.25, value: 1, ...regularizer("max_norm") },
    { label: "참는 에포크 수 (조기 종료)", min: 1, max: 20, value: 5, ...regularizer("stop") },
    { id: "epochs", label: "에포크", min: 0, max: 60, value: 12 },
    { id: "size", label: "훈련 이미지", min: 100, max: 3000, step: 100, value: 3000 },
    { id: "batch", label: "배치 크기", min: 4, max: 256, step: 4, value: 32 },
    { id: "seed", label: "씨앗", min: 1, max: 100, value: 1 },
    { id: "shuffle", label: "레이블을 뒤섞는다", type: "check", value: false },
  ];

  /* 화면의 값을 엔진의 설정으로. 스케줄의 값은 스텝으로 바뀐다. */
  const settings = (v) => {
    const perEpoch = Math.ceil(v.size / v.batch), total = perEpoch * v.epochs;
    const only = (name) => (v.regularizer === name ? v[name] : 0);
    return {
      ...v, max_rate: v.rate, sizes: [784, ...NETWORKS[v.network], 10],
      power_steps: v.power_epochs * perEpoch, decay_steps: v.decay_epochs * perEpoch,
      first: Math.round((v.first / 100) * total), second: Math.round((v.second / 100) * total),
      l1: only("l1"), l2: only("l2"), dropout: only("dropout"), max_norm: only("max_norm"), stop: only("stop"),
      perEpoch, total,
    };
  };
  const first = Object.fromEntries(controls.map(({ id, value }) => [id, value]));
  /* 설정 한 줄: 스케줄과 규제는 늘, 나머지는 처음과 다르면. */
  const describe = (v) => {
    const other = { network: "", optimizer: "", size: "장", batch: "장씩" };
    const parts = [`${SCHEDULES[v.schedule]} ${text(v.rate)}`];
    if (v.regularizer !== "none") parts.push(`${REGULARIZERS[v.regularizer]} ${text(v[v.regularizer])}`);
    for (const [id, unit] of Object.entries(other)) if (v[id] !== first[id]) parts.push(`${OPTIMIZERS[v[id]] ?? UNITS[v[id]] ?? v[id]}${unit}`);
    if (v.shuffle) parts.push("뒤섞은 레이블");
    return parts.join(", ");
  };

  /* 엔진과 숫자를 한 번만 받는다. */
  const load = (name) => new Promise((done, failed) => {
    const script = html("script", { src: new URL(`${name}.js`, here) });
    script.onload = done;
    script.onerror = () => (script.remove(), failed(new Error(name)));
    document.head.append(script);
  });
  let opening;
  const open = () => (opening ??= (async () => {
    if (typeof homl11Engine === "undefined") await load("engine");
    if (!globalThis.homl11Digits) await load("mnist5k");
  })().catch((error) => {
    opening = undefined; // 다시 누르면 다시 받는다
    throw error;
  }));

  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  /* 다섯 값의 평균과 95% 신뢰 구간의 반. */
  const interval = (values) => {
    const m = mean(values), squares = values.reduce((sum, value) => sum + (value - m) ** 2, 0);
    return [m, (T * Math.sqrt(squares / (values.length - 1))) / Math.sqrt(values.length)];
  };
  /* homl11.significance의 judge와 같은 말. */
  const judge = (differences, margin) => {
    const [m, half] = interval(differences);
    if (Math.abs(m) > half) return m > 0 ? "뚜렷하게 높다" : "뚜렷하게 낮다";
    return Math.abs(m) + half < margin ? "차이가 작다" : "뚜렷하지 않다";
  };
  /* 훈련을 마친 뒤의 기록. 조기 종료는 가장 좋았던 에포크로 되돌린다. */
  const final = (run, turn = 0) => {
    const records = run.records[turn] ?? [];
    if (run.v.regularizer !== "stop") return records.at(-1);
    return records.reduce((best, record) => (!best || record.val_loss < best.val_loss ? record : best), undefined);
  };
  const complete = (run) => run.state === "done" && run.seeds.length === SEEDS.length;

  const fate = (run) => {
    const records = run.records.at(-1), last = records.at(-1), best = final({ ...run, v: { regularizer: "stop" } }, run.records.length - 1);
    if (run.state === "broken") return "학습률이 너무 커서 손실이 셀 수 없는 수가 되었다. 학습률을 줄이고 다시 훈련하세요.";
    if (!last) return "";
    if (run.stopped) return `검증 손실이 ${best.epoch}에포크에서 가장 낮았다. 거기로 되돌리고 멈추었다.`;
    if (last.epoch > 1 && last.val_loss > CHANCE - 0.1) return "배우지 못했다. 손실이 찍을 때의 ln 10 ≈ 2.3보다 낮지 않다.";
    if (last.val_loss > 1.1 * best.val_loss) return `검증 손실은 ${best.epoch}에포크에서 가장 낮았고 그 뒤로 올랐다.`;
    return "";
  };
  const SIGN = { running: "훈련하는 중", paused: "멈추어 두었다", done: "다 훈련했다", stopped: "도중에 그만두었다", broken: "튕겨 나갔다" };

  /* 살아 있는 것: 훈련한 것들과 단추. `extra`는 실험실이 더하는 것이다. */
  const live = (extra) => ({ root, values, update }) => {
    const runs = [];
    let worker, current, made = 0, heard = 0, trouble = "";
    const button = (name, label, act) => {
      const made = html("button", { type: "button", name }, label);
      made.addEventListener("click", act);
      return made;
    };
    const refresh = () => {
      const busy = current?.state === "running", held = current?.state === "paused";
      buttons.train.textContent = busy ? "잠깐 멈춤" : held ? "이어서" : "훈련";
      buttons.stop.disabled = !busy && !held;
      buttons.seeds.disabled = busy || held;
      buttons.clear.disabled = busy || held || !runs.length;
      table.replaceChildren(...listed(runs));
      more?.refresh(runs, current);
      update();
    };
    const report = ({ data }) => {
      heard++;
      if (more?.heard(data)) return;
      if (!current || data.job !== current.id || current.state === "stopped") return;
      if (data.kind === "progress") {
        current.at = data;
        progress.textContent = `${current.seeds.length > 1 ? `씨앗 ${data.turn + 1}/${current.seeds.length}, ` : ""}스텝 ${data.step.toLocaleString()}`;
        return update();
      }
      if (data.kind === "epoch") {
        current.records[data.turn].push(data.record);
        current.at = data.record;
        current.seen = data.seen || current.seen;
      }
      if (data.kind === "end") {
        current.stopped = data.stopped;
        if (data.broken) current.state = "broken";
        else if (data.turn + 1 < current.seeds.length) current.records.push([]);
        else current.state = "done";
        if (current.state !== "running") progress.textContent = "";
      }
      refresh();
    };
    const start = async (seeds, once = false) => {
      trouble = values.epochs < 1 ? "0에포크로는 배울 것이 없다. 에포크를 1 이상으로 올리세요." : "";
      if (trouble) return refresh();
      current = { id: ++made, v: { ...values }, seeds, records: [[]], state: once ? "paused" : "running", at: null };
      runs.push(current);
      if (runs.length > KEPT) runs.shift();
      progress.textContent = "숫자를 받는 중";
      refresh();
      const mine = current;
      try {
        await open();
        if (!worker) {
          const source = `(${homl11Work})((${homl11Engine})((${homl11Rates})()))`;
          const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
          worker = new Worker(address);
          URL.revokeObjectURL(address);
          worker.onmessage = report;
        }
      } catch {
        mine.state = "stopped";
        progress.textContent = "";
        trouble = "숫자와 엔진을 받지 못했다. 인터넷 연결을 확인하고 «훈련»을 다시 누르세요.";
        return refresh();
      }
      if (mine.state === "stopped") return;
      worker.postMessage({ act: "start", id: mine.id, settings: settings(mine.v), seeds, once, look: Boolean(extra), digits: globalThis.homl11Digits });
    };
    const set = (state, act) => {
      current.state = state;
      worker?.postMessage({ act });
      refresh();
    };
    const buttons = {
      train: button("train", "훈련", () => {
        if (current?.state === "running") set("paused", "pause");
        else if (current?.state === "paused") set("running", "resume");
        else start([values.seed]);
      }),
      step: button("one", "한 스텝", () => {
        if (current?.state === "running") set("paused", "pause");
        else if (current?.state === "paused") worker?.postMessage({ act: "step" });
        else start([values.seed], true);
      }),
      stop: button("stop", "그만", () => ((progress.textContent = ""), set("stopped", "pause"))),
      seeds: button("seeds", "씨앗 다섯으로", () => start(SEEDS)),
      clear: button("clear", "지우기", () => (runs.splice(0), (current = undefined), refresh())),
    };
    const progress = html("span", { class: "pg-progress", "aria-hidden": "true" });
    const table = html("div", { class: "pg-runs" });
    const more = extra?.({ root, values, runs, send: (message) => worker?.postMessage(message), button });
    buttons.stop.disabled = buttons.clear.disabled = true;
    return {
      toolbar: html("div", { class: "pg-buttons pg-toolbar" }, ...Object.values(buttons), progress),
      after: [table, ...(more?.nodes ?? [])],
      runs, current: () => current, trouble: () => trouble, heard: () => heard, full: Boolean(extra), redrawn: () => more?.redrawn(),
    };
  };

  /* 훈련한 것들의 표와, 씨앗 다섯으로 한 마지막 둘의 견줌. */
  const listed = (runs) => {
    if (!runs.length) return [];
    const row = (run) => {
      const many = run.seeds.length > 1, all = run.records.map((_, turn) => final(run, turn)).filter(Boolean);
      const value = (name) => {
        if (!all.length) return "";
        const values = all.map((record) => record[name]);
        if (!many || values.length < SEEDS.length) return values.at(-1).toFixed(3);
        const [m, half] = interval(values);
        return html("span", { class: "pg-nowrap" }, `${m.toFixed(3)} ± ${half.toFixed(3)}`);
      };
      const cells = [describe(run.v), value("train_loss"), value("val_loss"), value("val_accuracy"), SIGN[run.state]];
      return html("tr", {}, html("th", { scope: "row" }, String(run.id)), ...cells.map((cell) => html("td", {}, cell)));
    };
    const heads = ["번호", "설정", "훈련 손실", "검증 손실", "검증 정확도", "지금"];
    const table = html("table", { class: "table" },
      html("thead", {}, html("tr", {}, ...heads.map((head) => html("th", { scope: "col" }, head)))),
      html("tbody", {}, ...runs.map(row)));
    const notes = [];
    const [before, after] = runs.filter(complete).slice(-2);
    if (after) {
      const names = { val_loss: "검증 손실", val_accuracy: "검증 정확도" };
      for (const [name, label] of Object.entries(names)) {
        const differences = SEEDS.map((_, turn) => final(after, turn)[name] - final(before, turn)[name]);
        const [m, half] = interval(differences);
        notes.push(html("p", { class: "pg-judged" },
          `${judge(differences, MARGINS[name])}: ${after.id}번 - ${before.id}번, ${label} `
          + `(${m.toFixed(3)}, 95% 신뢰 구간 ${(m - half).toFixed(3)} ~ ${(m + half).toFixed(3)})`));
      }
    }
    return [html("div", { class: "pg-scroll", tabindex: "0", role: "region", "aria-label": "훈련한 것들의 표" }, table), ...notes];
  };

  const rates = homl11Rates();
  /* 훈련하기 전에도 그릴 수 있는 학습률. 성능 기반은 훈련해야 안다. */
  const planned = (v, points = 200) => {
    const s = settings(v);
    if (!s.total || v.schedule === "performance") return [[0, v.rate], [v.epochs, v.rate]];
    return range(points + 1, (i) => (i / points) * s.total)
      .map((t) => [t / s.perEpoch, rates.RATES[v.schedule](Math.min(t, s.total - 1), s, s.total)]);
  };
  const epochsOf = (v) => Math.max(1, v.epochs);
  const used = (run) => run.records.at(-1).flatMap(({ epoch, rate }) => [[epoch - 1, rate], [epoch, rate]]);

  const LOG = 1e-4;
  const draw = (v, { runs, current, trouble, full, redrawn }) => {
    redrawn();
    const now = current(), shown = now?.v ?? v, s = settings(shown);
    const epochs = Math.max(1, v.epochs, ...runs.map((run) => run.v.epochs));
    const axis = { x: [0, epochs], xlabel: "에포크" };
    const records = now?.records.at(-1) ?? [], at = now?.at;

    const plan = now && shown.schedule === "performance" && records.length ? used(now) : planned(shown);
    const top = Math.max(...plan.map(([, rate]) => rate));
    const rate = chart("스텝마다의 학습률", { ...axis, y: [0, 1.1 * top], ylabel: "학습률 η" });
    rate.line(shown.schedule, plan);
    if (at) rate.dot(shown.schedule, [at.step / s.perEpoch, at.rate], 6);

    const momenta = chart("스텝마다의 모멘텀", { ...axis, y: [0, 1], ylabel: "모멘텀" });
    const momentum = (t) => (shown.optimizer === "nadam" ? 0.9 : rates.momentum(t, s, s.total)); // Nadam의 β1
    momenta.line(shown.schedule, range(201, (i) => [(i / 200) * epochsOf(shown), momentum((i / 200) * s.total)]));
    if (at) momenta.dot(shown.schedule, [at.step / s.perEpoch, momentum(at.step)], 6);

    const all = runs.flatMap((run) => run.records.flat()).flatMap(({ loss, train_loss, val_loss }) => [loss, train_loss, val_loss]);
    const finite = all.filter((value) => value > LOG && value < 1e3);
    const y = finite.length ? [Math.max(LOG, Math.min(...finite) / 1.3), Math.max(...finite) * 1.3] : [0.01, 3];
    const losses = chart("에포크마다의 손실", { ...axis, y, log: true, ylabel: "손실" });
    const accuracies = chart("에포크마다의 정확도", { ...axis, y: [Math.min(0.8, ...runs.flatMap((run) => run.records.flat()).map(({ val_accuracy }) => val_accuracy)) - 0.02, 1], ylabel: "정확도" });
    const points = (list, name) => list.map((record) => [record.epoch, record[name]]);
    for (const run of runs) {
      run.records.forEach((list, turn) => {
        if (run === now && turn === run.records.length - 1) return;
        losses.line("past", points(list, "val_loss"));
        accuracies.line("past", points(list, "val_accuracy"));
      });
      const end = run.records.at(-1).at(-1);
      if (end && run !== now) losses.note(String(run.id), [end.epoch, end.val_loss], "number");
    }
    const other = shown.regularizer in { dropout: 1, l1: 1, l2: 1 };
    if (other) losses.line("logged", points(records, "loss"));
    for (const [name, kind] of [["train", "train"], ["valid", "val"]]) {
      losses.line(name, points(records, `${kind}_loss`));
      accuracies.line(name, points(records, `${kind}_accuracy`));
      const end = records.at(-1);
      if (end) (losses.dot(name, [end.epoch, end[`${kind}_loss`]], 4), accuracies.dot(name, [end.epoch, end[`${kind}_accuracy`]], 4));
    }

    const legend = [["훈련 (벌점 없이, 드롭아웃을 끄고)", "train"], ["검증", "valid"]];
    if (other) legend.push(["fit이 찍는 훈련 손실", "logged"]);
    if (runs.some((run) => run !== now || run.records.length > 1)) legend.push(["앞의 검증", "past"]);
    const end = records.at(-1);
    const told = trouble() || (now ? [
      `${now.id}번 ${describe(shown)}: ${SIGN[now.state]}. ${shown.epochs}에포크 가운데 ${records.length}에포크.`,
      end && `훈련 손실 ${text(end.train_loss)}, 검증 손실 ${text(end.val_loss)}, 검증 정확도 ${text(end.val_accuracy)}.`,
      fate(now),
    ].filter(Boolean).join(" ") : `«훈련»을 누르면 이 브라우저가 ${describe(v)}로 ${v.epochs}에포크를 훈련한다.`);
    return { charts: [rate.node, losses.node, ...(full || cycling(shown) ? [momenta.node] : []), accuracies.node], legend, summary: told };
  };

  return { controls, settings, describe, live, draw, planned, interval, judge, NETWORKS };
})();

playground.define("training", {
  label: "이 쪽에서 하는 훈련",
  compute: homl11Training,
  controls: homl11Training.controls,
  live: homl11Training.live(),
  folded: ["network", "optimizer", "momentum", "batch", "seed", "shuffle"],
  draw: homl11Training.draw,
});
