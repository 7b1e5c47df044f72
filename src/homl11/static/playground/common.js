/* 놀이터가 함께 쓰는 것: 그림, 조절 장치, 화면에 올리기.
 *
 * 책과 노트북이 이 파일을 그대로 쓴다. ES 모듈이 아닌 것은, 파일로 연 책(file://)에서 브라우저가 모듈을 읽지 않기 때문이다.
 * 놀이터 하나는 값들을 받아 그림과 설명을 돌려주는 함수 `draw`와 조절 장치의 목록으로 이루어진다.
 */
"use strict";

const playground = (() => {
  const known = {};
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  const build = (node, attributes, children) => {
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };
  const html = (tag, attributes = {}, ...children) => build(document.createElement(tag), attributes, children);
  const svg = (tag, attributes = {}, ...children) =>
    build(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  /* 유효 숫자 셋. 화면의 값과 계산에 쓰는 값이 같도록 조절 장치도 이것으로 다듬는다. */
  const round = (value) => Number(value.toPrecision(3));
  const text = (value) => (Number.isFinite(value) ? String(round(value)) : "∞");

  /* 씨앗이 같으면 파이썬에서도 같은 수가 나오는 난수 (Park와 Miller, 1988). 0과 1 사이. */
  const random = (seed) => {
    let state = seed;
    return () => (state = (state * 48271) % 2147483647) / 2147483647;
  };

  const classes = (names) => names.split(" ").map((name) => `pg-${name}`).join(" ");
  const range = (length, at = (i) => i) => Array.from({ length }, (_, i) => at(i));

  /* 축의 눈금: 로그이면 10의 거듭제곱, 아니면 1·2·5의 배수. */
  const ticks = ([low, high], log) => {
    if (log) {
      const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
      const every = Math.ceil((last - first + 1) / 6);
      return range(Math.floor((last - first) / every) + 1, (i) => 10 ** (first + i * every));
    }
    const rough = (high - low) / 5, ten = 10 ** Math.floor(Math.log10(rough));
    const gap = [1, 2, 5, 10].find((m) => m * ten >= rough * 0.999) * ten;
    const first = Math.ceil(low / gap - 1e-9);
    return range(Math.floor(high / gap + 1e-9) - first + 1, (i) => round((first + i) * gap));
  };

  /* 눈금과 이름이 있는 좌표. 그린 것은 `area` 안에서만 보인다. 시험이 읽도록 축의 범위를 data-*에 남긴다. */
  const chart = (label, { x, y, xlabel, ylabel, log = false, bare = false, width = 360, height = 250 }) => {
    const [left, right, top, bottom] = bare ? [0, 0, 0, 0] : [52, 14, 10, 40];
    const w = width - left - right, h = height - top - bottom;
    const at = (value, [low, high], log) =>
      log ? Math.log(Math.max(value, Number.MIN_VALUE) / low) / Math.log(high / low) : (value - low) / (high - low);
    // 발산한 점도 그릴 수 있는 수로 남긴다.
    const bounded = (pixel) => Math.max(-1e4, Math.min(1e4, pixel));
    const X = (value) => bounded(at(value, x, false) * w);
    const Y = (value) => bounded((1 - at(value, y, log)) * h);

    const area = svg("svg", { x: left, y: top, width: w, height: h, role: "presentation" });
    const front = svg("g", { transform: `translate(${left} ${top})` }); // 가장자리에 놓여도 잘리지 않는 것
    const node = svg("svg", {
      viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label,
      "data-x": x.join(" "), "data-y": y.join(" "), "data-size": `${w} ${h}`, ...(log && { "data-log": "" }),
    });
    for (const value of bare ? [] : ticks(x, false)) {
      node.append(
        svg("line", { class: "pg-grid", x1: left + X(value), x2: left + X(value), y1: top, y2: top + h }),
        svg("text", { x: left + X(value), y: top + h + 15, "text-anchor": "middle" }, String(value)),
      );
    }
    for (const value of bare ? [] : ticks(y, log)) {
      node.append(
        svg("line", { class: "pg-grid", x1: left, x2: left + w, y1: top + Y(value), y2: top + Y(value) }),
        svg("text", { x: left - 5, y: top + Y(value) + 4, "text-anchor": "end" }, String(round(value))),
      );
    }
    node.append(area);
    if (!bare) {
      node.append(
        svg("path", { class: "pg-axis", d: `M${left},${top}V${top + h}H${left + w}` }),
        svg("text", { x: left + w / 2, y: height - 6, "text-anchor": "middle" }, xlabel),
        svg("text", { transform: `translate(12 ${top + h / 2}) rotate(-90)`, "text-anchor": "middle" }, ylabel),
      );
    }
    node.append(front);

    const pixels = (points) => points.filter((point) => point.every(Number.isFinite))
      .map(([a, b]) => [X(a).toFixed(1), Y(b).toFixed(1)]);
    const draw = (name, tag, attributes, style = "", layer = area) =>
      layer.append(svg(tag, { class: classes(name), ...attributes, ...(style && { style }) }));
    const line = (name, points, style) => draw(`line ${name}`, "polyline", { points: pixels(points).join(" ") }, style);
    // 길이 0의 선을 둥근 끝으로 그으면 점이다. 점이 많아도 요소는 하나이다.
    const dots = (name, points, r, layer = area) =>
      draw(`dots ${name}`, "path", { d: pixels(points).map((p) => `M${p}h0`).join("") }, `stroke-width:${2 * r}`, layer);
    const inside = ([a, b]) => a >= x[0] && a <= x[1] && b >= y[0] && b <= y[1];
    const dot = (name, point, r = 5) => inside(point) && dots(name, [point], r, front);
    const region = (name, points) => draw(`region ${name}`, "polygon", { points: pixels(points).join(" ") });
    const arrow = (name, from, to, style) => {
      const [x, y] = [X(to[0]) - X(from[0]), Y(to[1]) - Y(from[1])];
      line(name, [from, to], style);
      if (Math.hypot(x, y) < 4) return;
      const turn = `translate(${pixels([to])}) rotate(${((Math.atan2(y, x) * 180) / Math.PI).toFixed(1)})`;
      draw(`head ${name}`, "path", { d: "M0,0L-9,-4V4Z", transform: turn });
    };
    const center = { "text-anchor": "middle", "dominant-baseline": "central" };
    const note = (content, [a, b]) =>
      front.append(svg("text", { x: X(a).toFixed(1), y: Y(b).toFixed(1), ...center }, content));
    return { node, line, region, dot, dots, arrow, note };
  };

  /* 색만으로 가리지 않도록 선의 꼴과 함께 적는 범례. [이름, 클래스, 선의 꼴] */
  const legend = (items) =>
    html("ul", { class: "pg-legend" }, ...items.map(([label, name, style = ""]) => html("li", {},
      svg("svg", { viewBox: "0 0 28 10", "aria-hidden": "true" },
        svg("polyline", { class: classes(`line ${name}`), points: "1,5 27,5", style })), label)));

  /* 한 쪽에 같은 놀이터가 둘이어도 섞이지 않는다. 위젯은 저마다 이 파일을 따로 읽으므로 세기만 해서는 겹친다. */
  const own = Math.random().toString(36).slice(2);
  let made = 0;
  const unique = () => `pg-${own}-${++made}`;

  /* 조절 장치 하나를 만든다. 모두 브라우저의 것이므로 자판, 손가락, 화면 읽기 프로그램으로 움직인다. */
  const makers = {
    range({ id, label, min, max, value, step = 1, log = false }, values, changed) {
      const of = (position) => round(log ? min * (max / min) ** (position / 100) : position);
      const input = html("input", {
        type: "range", name: id, id: unique(),
        min: log ? 0 : min, max: log ? 100 : max, step: log ? 1 : step,
        value: log ? Math.round((100 * Math.log(value / min)) / Math.log(max / min)) : value,
      });
      const shown = html("span", { "aria-hidden": "true" }); // 읽기 프로그램은 aria-valuetext를 읽는다
      const read = () => {
        values[id] = of(Number(input.value));
        shown.textContent = text(values[id]);
        input.setAttribute("aria-valuetext", shown.textContent);
      };
      input.addEventListener("input", () => (read(), changed()));
      read();
      return html("div", { class: "pg-range" }, html("label", { for: input.id }, label), input, shown);
    },
    choice({ id, label, options, value }, values, changed) {
      values[id] = value;
      const group = unique();
      const radio = ([key, name]) => {
        const input = html("input", { type: "radio", name: group, value: key, ...(key === value && { checked: "" }) });
        input.addEventListener("change", () => ((values[id] = key), changed()));
        return html("label", {}, input, name);
      };
      return html("fieldset", { class: "pg-choice" }, html("legend", {}, label), ...Object.entries(options).map(radio));
    },
    check({ id, label, value }, values, changed) {
      values[id] = value;
      const input = html("input", { type: "checkbox", name: id, ...(value && { checked: "" }) });
      input.addEventListener("change", () => ((values[id] = input.checked), changed()));
      return html("label", { class: "pg-check" }, input, label);
    },
    button({ id, label, value = 0 }, values, changed) {
      values[id] = value; // 누른 횟수
      const button = html("button", { type: "button", name: id }, label);
      button.addEventListener("click", () => (values[id]++, changed()));
      return html("div", { class: "pg-buttons" }, button);
    },
    /* 걸음을 옮기는 슬라이더에 «재생»과 «한 스텝»을 붙인다. 움직임을 줄인 화면에서는 끝으로 바로 간다. */
    player({ id, label, max, value }, values, changed, root) {
      const row = makers.range({ id, label, min: 0, max, value }, values, changed);
      const input = row.querySelector("input");
      const play = html("button", { type: "button", name: "play" }, "재생");
      const next = html("button", { type: "button", name: "next" }, "한 스텝");
      const go = (step) => ((input.value = step), input.dispatchEvent(new Event("input")));
      let timer;
      const stop = () => (clearInterval(timer), (timer = undefined), (play.textContent = "재생"));
      play.addEventListener("click", () => {
        if (timer) return stop();
        if (calm.matches) return go(max);
        if (values[id] >= max) go(0);
        play.textContent = "멈춤";
        timer = setInterval(() => {
          go(values[id] + Math.ceil(max / 100));
          if (values[id] >= max || !root.isConnected) stop();
        }, 50);
      });
      next.addEventListener("click", () => (stop(), go(values[id] >= max ? 0 : values[id] + 1)));
      return html("div", { class: "pg-player" }, row, html("div", { class: "pg-buttons" }, play, next));
    },
  };

  const mount = (root, name) => {
    const { label, controls, draw } = known[name];
    const values = {};
    const charts = html("div", { class: "pg-charts" }), key = html("div");
    const summary = html("p", { class: "pg-summary", role: "status" });
    let waiting;
    const update = () => {
      const picture = draw(values);
      charts.replaceChildren(...picture.charts);
      key.replaceChildren(legend(picture.legend));
      rows.forEach(([{ when }, row]) => (row.hidden = when !== undefined && !when(values)));
      // 슬라이더를 끄는 동안은 읽지 않고, 멈추면 한 번 읽는다.
      clearTimeout(waiting);
      waiting = setTimeout(() => (summary.textContent = picture.summary), summary.textContent ? 300 : 0);
    };
    const rows = controls.map((control) => [control, makers[control.type ?? "range"](control, values, update, root)]);
    const top = rows.filter(([control]) => control.type === "choice").map(([, row]) => row);
    const rest = rows.filter(([control]) => control.type !== "choice").map(([, row]) => row);
    root.classList.add("playground");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", label);
    root.replaceChildren(...top, charts, key, summary, html("div", { class: "pg-controls" }, ...rest));
    // 주피터랩이 방향키를 가로채지 않게 한다.
    root.dataset.lmSuppressShortcuts = "true";
    root.addEventListener("keydown", (event) => event.stopPropagation());
    root.playground = { values, update, ...known[name].compute };
    update();
  };

  const define = (name, definition) => {
    known[name] = definition;
    // 노트북에서는 출력마다 이 파일을 따로 읽는다. 앞의 출력이 움직이고 있으면 건드리지 않는다.
    for (const root of document.querySelectorAll(`[data-playground="${name}"]`)) root.playground ?? mount(root, name);
  };

  return { define, chart, random, range, text };
})();
