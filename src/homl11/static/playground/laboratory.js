/* 훈련 실험실: training.js에 네트워크의 속, 숫자 그리기, CSV와 케라스 코드를 더한다. */
"use strict";

{
  const { html, range, text } = playground;
  const { settings, describe, live, draw, controls, NETWORKS } = homl11Training;

  /* 밝기의 배열을 그림으로. `signed`이면 음수는 주황, 양수는 파랑이다. */
  const paint = (canvas, values, signed) => {
    const context = canvas.getContext("2d"), image = context.createImageData(28, 28);
    const most = signed ? Math.max(...values.map(Math.abs)) || 1 : 255;
    values.forEach((value, i) => {
      const share = Math.abs(value) / most;
      const ink = !signed ? [0, 0, 0] : value < 0 ? [213, 94, 0] : [0, 114, 178];
      const shade = ink.map((channel) => 255 - (255 - channel) * share);
      image.data.set([...shade, 255], 4 * i);
    });
    context.putImageData(image, 0, 0);
  };
  const picture = (label, values, signed = false) => {
    const canvas = html("canvas", { width: 28, height: 28, role: "img", "aria-label": label });
    paint(canvas, values, signed);
    return canvas;
  };

  /* 가중치의 분포: 40분의 1 너비의 칸 마흔하나. 양 끝 칸에는 그 바깥의 것도 든다. */
  const histogram = (bins) => {
    const most = Math.max(...bins);
    const chart = playground.chart("가중치의 분포", { x: [-0.5, 0.5], y: [0, 1.05 * most], xlabel: "가중치", ylabel: "개수", height: 200 });
    bins.forEach((count, i) => {
      const [left, right] = [(i - 20.5) / 40, (i - 19.5) / 40];
      chart.region("train", [[left, 0], [left, count], [right, count], [right, 0]]);
    });
    return chart.node;
  };

  const download = (name, content, type) => {
    const address = URL.createObjectURL(new Blob([content], { type }));
    html("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  };
  const COLUMNS = ["epoch", "step", "rate", "loss", "accuracy", "train_loss", "train_accuracy", "penalty", "val_loss", "val_accuracy"];
  const csv = (runs) => [
    ["run", "settings", "seed", ...COLUMNS],
    ...runs.flatMap((run) => run.records.flatMap((records, turn) => records.map((record) => (
      [run.id, `"${describe(run.v)}"`, run.seeds[turn], ...COLUMNS.map((name) => record[name])]
    )))),
  ].map((row) => row.join(",")).join("\n") + "\n";

  /* 같은 훈련을 하는 케라스 코드. 난수는 케라스의 것이므로 초기 가중치와 순서는 다르다. */
  const keras = (v) => {
    const s = settings(v), needs = new Set(["from homl11.data import load_dataset"]);
    const need = (line) => needs.add(line);
    const decays = "keras.optimizers.schedules";
    const rate = {
      constant: () => text(v.rate),
      performance: () => text(v.rate),
      power: () => (need("from homl11.schedules import PowerDecay"), `PowerDecay(${text(v.rate)}, decay_steps=${s.power_steps}, power=${text(v.power)})`),
      exponential: () => `${decays}.ExponentialDecay(${text(v.rate)}, ${s.decay_steps}, ${text(v.decay_rate)})`,
      piecewise: () => `${decays}.PiecewiseConstantDecay([${s.first}, ${s.second}], [${[1, v.factor, v.factor ** 2].map((by) => text(v.rate * by)).join(", ")}])`,
      one_cycle: () => {
        need("from homl11.schedules import OneCycle");
        return `OneCycle(${text(v.rate)}, ${s.total}, ${text(v.rate / v.ratio)}, final_fraction=${text(v.final_fraction)})`;
      },
    }[v.schedule]();
    const cycled = v.schedule === "one_cycle" && v.optimizer === "sgd";
    if (cycled) (need("from homl11.optimizers import ScheduledMomentumSGD"), need("from homl11.schedules import OneCycleMomentum"));
    const optimizer = v.optimizer === "nadam" ? `keras.optimizers.Nadam(${rate})`
      : cycled ? `ScheduledMomentumSGD(\n    ${rate},\n    OneCycleMomentum(${s.total}, ${text(v.max_momentum)}, ${text(v.min_momentum)}, ${text(v.final_fraction)}),\n)`
        : `keras.optimizers.SGD(${rate}, momentum=${text(v.momentum)})`;
    const options = {
      none: "", stop: "", l1: `, l1=${text(v.l1)}`, l2: `, l2=${text(v.l2)}`, dropout: `, dropout_rate=${text(v.dropout)}`,
      max_norm: `, kernel_constraint=keras.constraints.MaxNorm(${text(v.max_norm)})`,
    }[v.regularizer];
    const callbacks = [];
    if (v.schedule === "performance") callbacks.push(`keras.callbacks.ReduceLROnPlateau(factor=${text(v.drop)}, patience=${v.patience})`);
    if (v.regularizer === "stop") callbacks.push(`keras.callbacks.EarlyStopping(patience=${v.stop}, restore_best_weights=True)`);
    need("from homl11.models import build_mlp");
    need("from homl11.training import train");
    const lines = ['data = load_dataset("mnist5k")'];
    if (v.size < 3000 || v.shuffle) {
      need("from homl11.data import Split");
      lines.push(`x, y = data.train.x[:${v.size}], data.train.y[:${v.size}]`);
      if (v.shuffle) {
        need("import numpy as np");
        lines.push(`y = np.random.default_rng(${v.seed}).permutation(y)`);
      }
      lines.push("data = data._replace(train=Split(x, y))");
    }
    lines.push(
      `model = build_mlp((${NETWORKS[v.network].join(", ")}${NETWORKS[v.network].length > 1 ? "" : ","}), seed=${v.seed}${options})`,
      `optimizer = ${optimizer}`,
      `run = train(\n    model, data, epochs=${v.epochs}, optimizer=optimizer, batch_size=${v.batch}, seed=${v.seed},`
        + `${callbacks.length ? `\n    callbacks=[${callbacks.join(", ")}],` : ""}\n)`,
      'print(run.final("val_loss"), run.final("val_accuracy"))',
    );
    const imports = [...needs].filter((line) => line !== "import numpy as np").sort();
    return ["import keras", ...(needs.has("import numpy as np") ? ["import numpy as np"] : []), "", ...imports, "", ...lines].join("\n") + "\n";
  };

  const SIZE = 280; // 그리는 판의 픽셀
  const inside = ({ root, values, runs, send, button }) => {
    /* 속 들여다보기 */
    const filters = html("div", { class: "pg-pictures" }), wrong = html("div", { class: "pg-pictures" });
    const bars = html("div", { class: "pg-bars" }), norms = html("p");
    const look = html("details", { class: "pg-look" }, html("summary", {}, "네트워크의 속과 틀린 숫자"),
      bars, norms, html("p", {}, "첫 층의 뉴런 열여섯. 파랑은 켜지게 하는 픽셀, 주황은 끄는 픽셀이다."), filters,
      html("p", {}, "검증 이미지 가운데 자신 있게 틀린 것"), wrong);
    let shown;
    const redrawn = () => code.hidden || (source.textContent = keras(values));
    const refresh = (all, current) => {
      save.disabled = !all.some((run) => run.records.flat().length);
      const seen = current?.seen;
      if (!seen || seen === shown || !look.open) return;
      shown = seen;
      bars.replaceChildren(histogram(seen.bins));
      norms.textContent = `뉴런에 들어오는 가중치의 평균 길이: ${seen.norms.map((norm, l) => `${l + 1}층 ${text(norm)}`).join(", ")}`;
      filters.replaceChildren(...seen.filters.map((kernel, j) => picture(`첫 층 뉴런 ${j + 1}의 가중치`, Array.from(kernel), true)));
      wrong.replaceChildren(...seen.wrong.map(({ label, answer, confidence, pixels }) => html("figure", {},
        picture(`숫자 ${label}`, Array.from(pixels)), html("figcaption", {}, `${label} → ${answer}, ${confidence.toFixed(2)}`))));
    };
    look.addEventListener("toggle", () => refresh(runs, runs.at(-1)));

    /* 숫자 그리기 */
    const board = html("canvas", { width: SIZE, height: SIZE, class: "pg-board", role: "img", "aria-label": "숫자를 그리는 판" });
    const pen = board.getContext("2d", { willReadFrequently: true });
    const answer = html("div", { class: "pg-answer", role: "status" }, "훈련한 다음 숫자를 그려 보세요.");
    const wipe = () => ((pen.fillStyle = "#000"), pen.fillRect(0, 0, SIZE, SIZE));
    wipe();
    /* MNIST처럼: 긴 쪽이 20픽셀이 되게 줄이고 무게 중심을 가운데에 놓는다. */
    const centred = () => {
      const { data } = pen.getImageData(0, 0, SIZE, SIZE);
      let [left, top, right, bottom] = [SIZE, SIZE, -1, -1];
      for (let i = 0; i < SIZE * SIZE; i++) {
        if (!data[4 * i]) continue;
        const x = i % SIZE, y = Math.floor(i / SIZE);
        [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
      }
      if (right < 0) return null;
      const longest = Math.max(right - left, bottom - top) + 1, scale = 20 / longest;
      const small = html("canvas", { width: 28, height: 28 }).getContext("2d", { willReadFrequently: true });
      const put = (dx, dy) => {
        small.fillStyle = "#000";
        small.fillRect(0, 0, 28, 28);
        small.drawImage(board, left, top, right - left + 1, bottom - top + 1, dx, dy, (right - left + 1) * scale, (bottom - top + 1) * scale);
      };
      const brightness = () => {
        const { data } = small.getImageData(0, 0, 28, 28);
        return Uint8Array.from({ length: 784 }, (_, i) => data[4 * i]);
      };
      put(4, 4);
      const pixels = brightness();
      let sum = 0, x = 0, y = 0;
      pixels.forEach((value, i) => ((sum += value), (x += value * (i % 28)), (y += value * Math.floor(i / 28))));
      put(4 + 13.5 - x / sum, 4 + 13.5 - y / sum);
      return brightness();
    };
    const ask = (pixels) => {
      if (!pixels) return;
      const ready = runs.some((run) => run === runs.at(-1) && run.records.flat().length);
      if (!ready) return (answer.textContent = "아직 훈련한 네트워크가 없다. «훈련»을 먼저 누르세요.");
      send({ act: "predict", pixels, samples: 100 });
    };
    let drawing = false;
    const at = ({ clientX, clientY }) => {
      const box = board.getBoundingClientRect();
      return [((clientX - box.left) / box.width) * SIZE, ((clientY - box.top) / box.height) * SIZE];
    };
    board.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      board.setPointerCapture(event.pointerId);
      drawing = true;
      Object.assign(pen, { strokeStyle: "#fff", lineWidth: 22, lineCap: "round", lineJoin: "round" });
      pen.beginPath();
      pen.moveTo(...at(event));
      pen.lineTo(...at(event));
      pen.stroke();
    });
    board.addEventListener("pointermove", (event) => drawing && (pen.lineTo(...at(event)), pen.stroke()));
    board.addEventListener("pointerup", () => drawing && ((drawing = false), ask(centred())));
    board.addEventListener("pointercancel", () => (drawing = false));
    let sampled = -1;
    const buttons = html("div", { class: "pg-buttons" },
      button("wipe", "지우개", () => (wipe(), (answer.textContent = "숫자를 그려 보세요."))),
      button("sample", "테스트 숫자 하나", () => send({ act: "sample", index: (sampled = (sampled + 37) % 1000) })));
    const place = html("details", { class: "pg-draw" }, html("summary", {}, "숫자를 그려 물어보기"), html("div", { class: "pg-pair" }, html("div", {}, board, buttons), answer));

    const told = ({ plain, mc }) => {
      const best = plain.mean.indexOf(Math.max(...plain.mean));
      const row = (digit) => {
        const bar = (share, name) => html("span", { class: `pg-bar pg-${name}`, style: `width:${(100 * share).toFixed(1)}%` });
        const cells = [html("th", { scope: "row" }, String(digit)), html("td", {}, bar(plain.mean[digit], "plain"), plain.mean[digit].toFixed(2))];
        if (mc) cells.push(html("td", {}, bar(mc.mean[digit], "mc"), `${mc.mean[digit].toFixed(2)} ± ${mc.spread[digit].toFixed(2)}`));
        return html("tr", {}, ...cells);
      };
      const heads = ["숫자", "드롭아웃을 끄고", ...(mc ? ["몬테 카를로 100번"] : [])];
      const sentence = `${best}이라고 본다. 확률 ${plain.mean[best].toFixed(2)}`
        + (mc ? `, 몬테 카를로로는 ${mc.mean[best].toFixed(2)} ± ${mc.spread[best].toFixed(2)}.` : ". 드롭아웃으로 훈련하면 흔들림도 보인다.");
      answer.replaceChildren(html("p", {}, sentence), html("table", {},
        html("thead", {}, html("tr", {}, ...heads.map((head) => html("th", { scope: "col" }, head)))), html("tbody", {}, ...range(10, row))));
    };
    const heard = (message) => {
      if (message.kind === "predicted") told(message);
      if (message.kind === "sampled") {
        const tile = html("canvas", { width: 28, height: 28 });
        paint(tile, Array.from(message.pixels, (value) => 255 - value));
        pen.drawImage(tile, 0, 0, SIZE, SIZE);
        ask(message.pixels);
      }
      return message.kind === "predicted" || message.kind === "sampled";
    };

    /* 가져가기 */
    const save = button("csv", "CSV 받기", () => download("training.csv", csv(runs), "text/csv"));
    const code = html("div", { hidden: "" }), source = html("pre", { tabindex: "0" });
    code.append(source, button("copy", "베끼기", () => navigator.clipboard?.writeText(source.textContent)));
    const show = button("keras", "이 설정의 케라스 코드", () => {
      code.hidden = !code.hidden;
      redrawn();
    });
    save.disabled = true;
    return { nodes: [html("div", { class: "pg-buttons" }, save, show), code, look, place], refresh, redrawn, heard };
  };

  playground.define("laboratory", {
    label: "훈련 실험실", compute: { ...homl11Training, keras, csv }, controls, live: live(inside), draw,
  });
}
