/* 훈련 엔진: 완전 연결 분류기를 브라우저에서 훈련한다. 갱신은 케라스와 같다. 시험이 가중치와 손실을 케라스와 견준다.
 *
 * 일꾼(Web Worker)에게 이 함수의 글을 보내므로 바깥의 것을 쓰지 않는다. 라이브러리 없이 배정밀도 배열로 센다: 작은 네트워크에서
 * 입력의 0을 건너뛰는 이 고리가 TensorFlow.js의 일반 행렬곱보다 빠르고, 받을 것이 없고, 케라스와의 차이는 케라스의 반올림뿐이다.
 */
"use strict";

const homl11Engine = (rates) => {
  const SPACE = 1e-7; // Nadam과 맥스-노름이 분모에 더하는 수

  /* 씨앗이 같으면 같은 난수. 0과 1 사이 (mulberry32). 이웃한 씨앗도 처음부터 갈라진다. */
  const random = (seed) => {
    let state = seed >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let z = Math.imul(state ^ (state >>> 15), state | 1);
      z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
      return ((z ^ (z >>> 14)) >>> 0) / 4294967296;
    };
  };
  const shuffled = (values, next) => {
    for (let i = values.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [values[i], values[j]] = [values[j], values[i]];
    }
    return values;
  };

  /* 은닉층은 He 정규 초기화, 출력층은 글로럿 균등 초기화. 커널은 (입력, 출력)의 모양을 한 줄로 편 것이다. */
  const initial = (sizes, next) => {
    const truncated = () => {
      for (;;) {
        const z = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
        if (Math.abs(z) <= 2) return z;
      }
    };
    return sizes.slice(1).map((size, l) => {
      const last = l === sizes.length - 2, deviation = Math.sqrt(2 / sizes[l]) / 0.87962566103423978;
      const limit = Math.sqrt(6 / (sizes[l] + size));
      const draw = last ? () => limit * (2 * next() - 1) : () => deviation * truncated();
      return { kernel: Float64Array.from({ length: sizes[l] * size }, draw), bias: new Float64Array(size) };
    });
  };
  const copied = (weights) => weights.map(({ kernel, bias }) => ({ kernel: kernel.slice(), bias: bias.slice() }));

  /* 이미지마다 0이 아닌 픽셀의 자리와 값. `pixels`는 0부터 255까지의 수, 한 장에 `width`개. */
  const images = (pixels, labels, width) => {
    const count = labels.length, starts = new Int32Array(count + 1);
    const where = [], value = [];
    for (let s = 0; s < count; s++) {
      for (let i = 0; i < width; i++) {
        const pixel = pixels[s * width + i];
        if (pixel) (where.push(i), value.push(Math.fround(pixel / 255)));
      }
      starts[s + 1] = where.length;
    }
    return { count, starts, where: Uint16Array.from(where), value: Float64Array.from(value), labels };
  };
  const head = (set, count) => ({ ...set, count, labels: set.labels.slice(0, count) });

  /* `rows`번 이미지들을 앞으로 통과시킨다. `keep(l)`이 마스크를 주면 층 l의 입력을 끄고 나머지를 `scale`배 한다.
   * 돌려주는 것: 층마다의 입력(꺼진 뒤의 것), 확률, 확률의 로그. */
  const forward = (weights, set, rows, keep, scale) => {
    const batch = rows.length, inputs = [];
    let a;
    weights.forEach(({ kernel, bias }, l) => {
      const n = bias.length, mask = keep && keep(l), z = new Float64Array(batch * n);
      for (let s = 0; s < batch; s++) z.set(bias, s * n);
      if (l === 0) {
        for (let s = 0; s < batch; s++) {
          const row = rows[s], to = s * n;
          for (let k = set.starts[row]; k < set.starts[row + 1]; k++) {
            const i = set.where[k];
            if (mask && !mask(s, i)) continue;
            const x = set.value[k] * (mask ? scale : 1), from = i * n;
            for (let j = 0; j < n; j++) z[to + j] += x * kernel[from + j];
          }
        }
        inputs.push(mask);
      } else {
        const m = kernel.length / n;
        for (let s = 0; s < batch; s++) {
          const to = s * n;
          for (let i = 0; i < m; i++) {
            const at = s * m + i;
            if (a[at] === 0) continue;
            if (mask && !mask(s, i)) {
              a[at] = 0;
              continue;
            }
            if (mask) a[at] *= scale;
            const x = a[at], from = i * n;
            for (let j = 0; j < n; j++) z[to + j] += x * kernel[from + j];
          }
        }
        inputs.push(a);
      }
      if (l < weights.length - 1) for (let k = 0; k < z.length; k++) if (!(z[k] > 0)) z[k] = z[k] <= 0 ? 0 : z[k];
      a = z;
    });
    const n = a.length / batch, p = new Float64Array(a.length);
    for (let s = 0; s < batch; s++) {
      const from = s * n;
      let highest = -Infinity, sum = 0;
      for (let j = 0; j < n; j++) highest = Math.max(highest, a[from + j]);
      for (let j = 0; j < n; j++) sum += Math.exp(a[from + j] - highest);
      for (let j = 0; j < n; j++) p[from + j] = Math.exp((a[from + j] -= highest + Math.log(sum)));
    }
    return { inputs, p, log: a };
  };
  const answer = (p, s, n) => {
    let best = 0;
    for (let j = 1; j < n; j++) if (p[s * n + j] > p[s * n + best]) best = j;
    return best;
  };
  /* 드롭아웃을 끄고 잰 평균 손실과 정확도, 그리고 확률. */
  const evaluate = (weights, set) => {
    const { p, log } = forward(weights, set, Int32Array.from({ length: set.count }, (_, i) => i));
    const n = p.length / set.count;
    let loss = 0, right = 0;
    for (let s = 0; s < set.count; s++) {
      loss -= log[s * n + set.labels[s]];
      right += answer(p, s, n) === set.labels[s];
    }
    return { loss: loss / set.count, accuracy: right / set.count, p };
  };

  /* 훈련 하나. `v`: sizes, batch, epochs, schedule과 그 값(스텝으로), optimizer, momentum, l1, l2, dropout, max_norm,
   * stop(조기 종료의 patience, 0이면 끈다), shuffle(레이블을 뒤섞는가), seed. `given`은 시험이 넣는 것이다: weights,
   * order(에포크) → 행들, mask(스텝, 층, 샘플, 뉴런) → 남기는가.
   * `step()`은 배치 하나를 배운다. 에포크가 끝나면 `epochs`에 기록이 하나 는다. */
  const train = (v, { train: all, valid }, given = {}) => {
    const next = random(v.seed);
    let weights = given.weights ? copied(given.weights) : initial(v.sizes, next);
    const set = v.shuffle ? { ...all, labels: shuffled(all.labels.slice(), random(v.seed + 1e6)) } : all;
    const order = given.order ?? (() => shuffled(Int32Array.from({ length: set.count }, (_, i) => i), next));
    const perEpoch = Math.ceil(set.count / v.batch), total = perEpoch * v.epochs;
    const layers = weights.length, classes = v.sizes.at(-1), scale = 1 / (1 - v.dropout);
    const zeros = () => weights.map(({ kernel, bias }) => ({ kernel: new Float64Array(kernel.length), bias: new Float64Array(bias.length) }));
    const gradient = zeros(), first = zeros(), second = v.optimizer === "nadam" && zeros();
    const watch = rates.plateau(v);
    const run = { step: 0, total, perEpoch, epochs: [], done: false, broken: false, best: null, weights: () => weights };
    let plateauRate = v.rate, product = 1, rows, sums, waited = 0, kept = null;

    const penalty = () => {
      if (!v.l1 && !v.l2) return 0;
      let sum = 0;
      for (const { kernel } of weights) for (const w of kernel) sum += v.l1 * Math.abs(w) + v.l2 * w * w;
      return sum;
    };

    /* 손실의 기울기를 `gradient`에 채우고 배치의 손실 합과 맞힌 수를 돌려준다. */
    const learn = (chosen) => {
      const batch = chosen.length;
      const keep = v.dropout && ((l) => {
        if (given.mask) return (s, i) => given.mask(run.step, l, s, i);
        if (l) return () => next() >= v.dropout;
        const width = v.sizes[0], drawn = new Uint8Array(batch * width); // 앞으로 갈 때 뽑은 것을 뒤로 올 때 다시 쓴다
        return (s, i) => (drawn[s * width + i] ||= next() >= v.dropout ? 1 : 2) === 1;
      });
      // 텐서플로의 케라스는 손실을 확률이 아니라 소프트맥스의 입력에서 구한다. 그래서 확률을 자르지 않는다.
      const { inputs, p, log } = forward(weights, set, chosen, keep, scale);
      let loss = 0, right = 0;
      const dz = new Float64Array(p.length);
      for (let s = 0; s < batch; s++) {
        const label = set.labels[chosen[s]], at = s * classes;
        loss -= log[at + label];
        right += answer(p, s, classes) === label;
        for (let j = 0; j < classes; j++) dz[at + j] = (p[at + j] - (j === label)) / batch;
      }
      let delta = dz;
      for (let l = layers - 1; l >= 0; l--) {
        const { kernel } = weights[l], n = v.sizes[l + 1], m = v.sizes[l];
        const dKernel = gradient[l].kernel.fill(0), dBias = gradient[l].bias.fill(0);
        for (let s = 0; s < batch; s++) for (let j = 0; j < n; j++) dBias[j] += delta[s * n + j];
        if (l === 0) {
          const mask = inputs[0];
          for (let s = 0; s < batch; s++) {
            const row = chosen[s], at = s * n;
            for (let k = set.starts[row]; k < set.starts[row + 1]; k++) {
              const i = set.where[k];
              if (mask && !mask(s, i)) continue;
              const x = set.value[k] * (mask ? scale : 1), to = i * n;
              for (let j = 0; j < n; j++) dKernel[to + j] += x * delta[at + j];
            }
          }
        } else {
          const a = inputs[l], back = new Float64Array(batch * m);
          for (let s = 0; s < batch; s++) {
            const at = s * n;
            for (let i = 0; i < m; i++) {
              const x = a[s * m + i], from = i * n;
              if (x === 0) continue; // ReLU나 드롭아웃이 끈 뉴런
              let sum = 0;
              for (let j = 0; j < n; j++) {
                const d = delta[at + j];
                dKernel[from + j] += x * d;
                sum += kernel[from + j] * d;
              }
              back[s * m + i] = v.dropout ? sum * scale : sum;
            }
          }
          delta = back;
        }
        if (v.l1 || v.l2) for (let k = 0; k < kernel.length; k++) dKernel[k] += v.l1 * Math.sign(kernel[k]) + 2 * v.l2 * kernel[k];
      }
      return { loss, right };
    };

    const UPDATES = {
      sgd: (rate, momentum) => (w, g, m) => {
        for (let k = 0; k < w.length; k++) w[k] += m[k] = momentum * m[k] - rate * g[k];
      },
      // Dozat (2016). 케라스의 기본값: β1 = 0.9, β2 = 0.999
      nadam: (rate) => {
        const t = run.step + 1, u = 0.9 * (1 - 0.5 * 0.96 ** t), after = 0.9 * (1 - 0.5 * 0.96 ** (t + 1));
        product *= u;
        const forM = after / (1 - product * after), forG = (1 - u) / (1 - product), forV = 1 / (1 - 0.999 ** t);
        return (w, g, m, squares) => {
          for (let k = 0; k < w.length; k++) {
            m[k] += (g[k] - m[k]) * 0.1;
            squares[k] += (g[k] * g[k] - squares[k]) * 0.001;
            w[k] -= (rate * (forM * m[k] + forG * g[k])) / (Math.sqrt(squares[k] * forV) + SPACE);
          }
        };
      },
    };
    /* 뉴런마다 들어오는 가중치의 길이를 `v.max_norm`까지 줄인다. */
    const limit = ({ kernel, bias }) => {
      const n = bias.length, norms = new Float64Array(n);
      for (let k = 0; k < kernel.length; k++) norms[k % n] += kernel[k] * kernel[k];
      for (let j = 0; j < n; j++) norms[j] = Math.min(Math.sqrt(norms[j]), v.max_norm) / (SPACE + Math.sqrt(norms[j]));
      for (let k = 0; k < kernel.length; k++) kernel[k] *= norms[k % n];
    };

    run.rate = () => (v.schedule === "performance" ? plateauRate : rates.RATES[v.schedule](run.step, v, total));
    run.momentum = () => rates.momentum(run.step, v, total);

    const endEpoch = () => {
      const measured = evaluate(weights, valid), off = evaluate(weights, set);
      const record = {
        epoch: run.epochs.length + 1, step: run.step, rate: run.rate(),
        loss: sums.loss / set.count, accuracy: sums.right / set.count, // 벌점을 더하고 드롭아웃을 켠 것: fit이 찍는 값
        train_loss: off.loss, train_accuracy: off.accuracy, penalty: penalty(),
        val_loss: measured.loss, val_accuracy: measured.accuracy,
      };
      run.epochs.push(record);
      if (v.schedule === "performance") plateauRate = watch(record.val_loss);
      if (!run.best || record.val_loss < run.best.val_loss) {
        [run.best, waited] = [record, 0];
        if (v.stop) kept = copied(weights);
      } else if (v.stop && ++waited >= v.stop) {
        run.stopped = true;
      }
      run.done = run.stopped || run.epochs.length >= v.epochs;
      if (run.done && kept) weights = kept; // restore_best_weights
      return record;
    };

    run.learn = () => {
      const position = run.step % perEpoch;
      if (position === 0) (rows = order(run.epochs.length)), (sums = { loss: 0, right: 0 });
      const chosen = rows.slice(position * v.batch, (position + 1) * v.batch);
      const before = penalty();
      const { loss, right } = learn(chosen);
      const rate = run.rate();
      const update = UPDATES[v.optimizer](rate, run.momentum());
      weights.forEach((layer, l) => ["kernel", "bias"].forEach((part) =>
        update(layer[part], gradient[l][part], first[l][part], second && second[l][part])));
      if (v.max_norm) weights.forEach(limit);
      run.step++;
      sums.loss += loss + before * chosen.length;
      sums.right += right;
      const result = { loss: loss / chosen.length + before, rate };
      if (!Number.isFinite(result.loss)) run.broken = run.done = true;
      else if (run.step % perEpoch === 0) result.record = endEpoch();
      return result;
    };
    return run;
  };

  /* 이미지 한 장의 확률. `samples`가 있으면 드롭아웃을 켠 채 그만큼 예측한 (평균, 표준 편차)이다. */
  const predict = (weights, pixels, dropout = 0, samples = 0, seed = 1) => {
    const one = images(pixels, [0], pixels.length);
    if (!samples || !dropout) return { mean: Array.from(forward(weights, one, [0]).p), spread: null };
    const next = random(seed), classes = weights.at(-1).bias.length;
    const sum = new Array(classes).fill(0), squares = new Array(classes).fill(0);
    for (let k = 0; k < samples; k++) {
      const { p } = forward(weights, one, [0], () => () => next() >= dropout, 1 / (1 - dropout));
      p.forEach((value, j) => ((sum[j] += value), (squares[j] += value * value)));
    }
    const mean = sum.map((value) => value / samples);
    return { mean, spread: squares.map((value, j) => Math.sqrt(Math.max(0, value / samples - mean[j] ** 2))) };
  };

  return { images, head, train, evaluate, predict };
};

/* 일꾼이 하는 일. 이 함수의 글만 건너가므로 바깥의 것을 쓰지 않는다. 20밀리초마다 말을 듣는다. */
const homl11Work = (engine) => {
  const { port1, port2 } = new MessageChannel();
  let digits, job, run, playing = false, told = 0;
  const unpack = async (packed) => {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const all = new Uint8Array(await new Response(stream).arrayBuffer());
    const count = all.length / 785, labels = all.subarray(784 * count);
    const set = (from, to) => engine.images(all.subarray(784 * from, 784 * to), labels.slice(from, to), 784);
    return { train: set(0, 3000), valid: set(3000, 4000), pixels: all };
  };
  const tell = (kind, more) => postMessage({ kind, job: job.id, turn: job.turn, ...more });
  const here = () => {
    told = performance.now();
    if (!run.done) tell("progress", { step: run.step, rate: run.rate(), momentum: run.momentum() });
  };
  const begin = () => {
    const v = { ...job.settings, seed: job.seeds[job.turn] };
    run = engine.train(v, { train: engine.head(digits.train, v.size), valid: digits.valid });
  };
  /* 실험실이 그리는 것: 첫 층의 커널 열여섯, 가중치의 분포, 뉴런마다의 길이, 자신 있게 틀린 검증 이미지. */
  const look = () => {
    const weights = run.weights(), [{ kernel, bias }] = weights, n = bias.length;
    const filters = Array.from({ length: Math.min(16, n) }, (_, j) => Float32Array.from({ length: 784 }, (_, i) => kernel[i * n + j]));
    const bins = new Array(41).fill(0);
    for (const layer of weights) for (const w of layer.kernel) bins[Math.max(0, Math.min(40, Math.round(w * 40) + 20))]++;
    const norms = weights.map((layer) => {
      const squares = new Float64Array(layer.bias.length);
      layer.kernel.forEach((w, k) => (squares[k % squares.length] += w * w));
      return squares.reduce((sum, value) => sum + Math.sqrt(value), 0) / squares.length;
    });
    const { p } = engine.evaluate(weights, digits.valid);
    const wrong = Array.from(digits.valid.labels, (label, s) => {
      const row = Array.from(p.subarray(10 * s, 10 * s + 10)), confidence = Math.max(...row);
      return { s, label, answer: row.indexOf(confidence), confidence };
    }).filter(({ label, answer }) => label !== answer).sort((a, b) => b.confidence - a.confidence).slice(0, 8)
      .map((one) => ({ ...one, pixels: digits.pixels.slice(784 * (3000 + one.s), 784 * (3001 + one.s)) }));
    return { filters, bins, norms, wrong };
  };
  const learn = () => {
    const { record } = run.learn();
    if (record) tell("epoch", { record, seen: job.look && look() });
    if (run.done) {
      tell("end", { broken: run.broken, stopped: Boolean(run.stopped) });
      if (!run.broken && ++job.turn < job.seeds.length) begin();
      else playing = false;
    }
  };
  const slice = () => {
    const until = performance.now() + 20;
    while (playing && performance.now() < until) learn();
    if (performance.now() - told > 100) here(); // 눈에는 이만하면 이어져 보인다
    if (playing) port2.postMessage(0);
  };
  port1.onmessage = () => playing && slice();
  const play = () => (playing || ((playing = true), port2.postMessage(0)));
  const acts = {
    start: async (asked) => {
      digits ??= await unpack(asked.digits);
      job = { ...asked, turn: 0 };
      begin();
      if (asked.once) (learn(), here());
      else play();
    },
    resume: play,
    step: () => (learn(), here()),
    pause: () => (playing = false),
    predict: ({ pixels, samples }) => {
      const { dropout } = job.settings, weights = run.weights();
      postMessage({ kind: "predicted", plain: engine.predict(weights, pixels), mc: dropout && engine.predict(weights, pixels, dropout, samples) });
    },
    sample: ({ index }) => postMessage({ kind: "sampled", pixels: digits.pixels.slice(784 * (4000 + index), 784 * (4001 + index)) }),
  };
  onmessage = ({ data }) => acts[data.act](data);
};
