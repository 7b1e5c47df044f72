/* 놀이터가 함께 쓰는 것: 그림, 조절 장치, 화면에 올리기.
 *
 * 책과 노트북이 이 파일을 그대로 쓴다. ES 모듈이 아닌 것은, 파일로 연 책(file://)에서 브라우저가 모듈을 읽지 않기 때문이다.
 * 놀이터 하나는 값들을 받아 그림과 설명을 돌려주는 함수 `draw`와 조절 장치의 목록으로 이루어진다.
 */
"use strict";

const playground = (() => {
  const known = {};
  const mounted = [];
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const NARROW = 500; // 픽셀. 전화기의 너비
  let narrow = false; // 지금 그리는 놀이터가 좁은가

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
    const most = narrow ? 3 : 5;
    if (log && high / low < 50) {
      return range(30, (i) => round([1, 2, 5][i % 3] * 10 ** (Math.floor(i / 3) - 6))).filter((v) => v >= low && v <= high);
    }
    if (log) {
      const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
      const every = Math.ceil((last - first + 1) / (most + 1));
      return range(Math.floor((last - first) / every) + 1, (i) => 10 ** (first + i * every));
    }
    const rough = (high - low) / most, ten = 10 ** Math.floor(Math.log10(rough));
    const gap = [1, 2, 5, 10].find((m) => m * ten >= rough * 0.999) * ten;
    const first = Math.ceil(low / gap - 1e-9);
    return range(Math.floor(high / gap + 1e-9) - first + 1, (i) => round((first + i) * gap));
  };

  /* 좌표의 크기: 네 가장자리와 그림. 좁으면 둘이 나란히 놓이게 그린다. 글자는 줄이지 않고, 가로와 세로의 비를 지킨다.
   * 그래야 원이 타원이 되지 않는다. `wide`를 적으면 좁을 때 한 줄을 차지하고 세로가 가로의 그 배이다. */
  const layout = (bare, wide, height) => {
    const [w, h] = bare ? [360, height] : [294, height - 50];
    const [left, right, top, bottom] = bare ? [0, 0, 0, 0] : narrow ? [48, 12, 8, 38] : [52, 14, 10, 40];
    const width = !narrow ? 360 : wide ? 352 : 172;
    const inner = width - left - right;
    return [left, top, bottom, width, inner, !narrow ? h : wide ? inner * wide : Math.max(60, (inner * h) / w)];
  };

  /* 눈금과 이름이 있는 좌표. 그린 것은 `area` 안에서만 보인다. 시험이 읽도록 축의 범위를 data-*에 남긴다. */
  const chart = (label, { x, y, xlabel, ylabel, log = false, bare = false, wide = 0, height: asked = 250 }) => {
    const [left, top, bottom, width, w, h] = layout(bare, wide, asked);
    const height = top + h + bottom;
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
      ...(wide && { class: "pg-wide" }),
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
      draw(`dots ${name}`, "path", { d: pixels(points).map((p) => `M${p}h0`).join("") }, `stroke-width:${(narrow ? 1.4 : 2) * r}`, layer);
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
    const note = (content, [a, b], name = "note") =>
      front.append(svg("text", { class: classes(name), x: X(a).toFixed(1), y: Y(b).toFixed(1), ...center }, content));
    /* 이름의 첫 글자를 적은 공. 색이 같아 보여도 가릴 수 있다. */
    const ball = (name, label, point) => inside(point) && (dot(name, point, 9), note(label[0], point, "letter"));
    return { node, line, region, dot, dots, arrow, note, ball };
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

  /* 조절 장치 하나를 만든다. 모두 브라우저의 것이므로 자판, 손가락, 화면 읽기 프로그램으로 움직인다.
   * `set`은 밖에서 온 값(주소, 글 속의 단추, 노트북의 인수)을 받는다. 말이 안 되는 값은 못 들은 척한다. */
  const makers = {
    range({ id, label, min, max, value, step = 1, log = false }, values, changed) {
      const of = (position) => (log ? min * (max / min) ** (position / 100) : position);
      const input = html("input", {
        type: "range", name: id, id: unique(), min: log ? 0 : min, max: log ? 100 : max, step: log ? 1 : step,
      });
      const shown = html("span", { "aria-hidden": "true" }); // 읽기 프로그램은 aria-valuetext를 읽는다
      const take = (value) => {
        values[id] = round(value);
        shown.textContent = text(value);
        input.setAttribute("aria-valuetext", shown.textContent);
      };
      input.addEventListener("input", () => (take(of(Number(input.value))), changed()));
      const set = (given) => {
        if (Number.isNaN(Number(given))) return;
        const value = Math.max(min, Math.min(max, Number(given)));
        input.value = log ? (100 * Math.log(value / min)) / Math.log(max / min) : value;
        take(log ? value : Number(input.value)); // 로그 눈금의 자리는 백 칸뿐이다. 0.3이라고 했으면 0.3이다
      };
      set(value);
      return { row: html("div", { class: "pg-range" }, html("label", { for: input.id }, label), input, shown), set };
    },
    choice({ id, label, options, value }, values, changed) {
      values[id] = value;
      const group = unique();
      const radio = ([key, name]) => {
        const input = html("input", { type: "radio", name: group, value: key, ...(key === value && { checked: "" }) });
        input.addEventListener("change", () => ((values[id] = key), changed()));
        return html("label", {}, input, name);
      };
      const row = html("fieldset", { class: "pg-choice" }, html("legend", {}, label), ...Object.entries(options).map(radio));
      const set = (key) => {
        const input = [...row.querySelectorAll("input")].find((input) => input.value === key);
        if (input) (input.checked = true), (values[id] = key);
      };
      return { row, set };
    },
    check({ id, label, value }, values, changed) {
      values[id] = value;
      const input = html("input", { type: "checkbox", name: id, ...(value && { checked: "" }) });
      input.addEventListener("change", () => ((values[id] = input.checked), changed()));
      const set = (given) => (values[id] = input.checked = String(given) === "true");
      return { row: html("label", { class: "pg-check" }, input, label), set };
    },
    button({ id, label, value = 0 }, values, changed) {
      values[id] = value; // 누른 횟수
      const button = html("button", { type: "button", name: id }, label);
      button.addEventListener("click", () => (values[id]++, changed()));
      const set = (given) => /^\d{1,6}$/.test(given) && (values[id] = Number(given));
      return { row: html("div", { class: "pg-buttons" }, button), set };
    },
    /* 걸음을 옮기는 슬라이더에 «재생»과 «한 스텝»을 붙인다. 움직임을 줄인 화면에서는 끝으로 바로 간다. */
    player({ id, label, max, value }, values, changed, root) {
      const { row, set } = makers.range({ id, label, min: 0, max, value }, values, changed);
      const input = row.querySelector("input");
      const play = html("button", { type: "button", name: "play" }, "재생");
      const next = html("button", { type: "button", name: "next" }, "한 스텝");
      const go = (step) => ((input.value = step), input.dispatchEvent(new Event("input")));
      let timer;
      const stop = () => (clearInterval(timer), (timer = undefined), (play.textContent = "재생"));
      const start = () => {
        if (calm.matches) return go(max);
        if (values[id] >= max) go(0);
        play.textContent = "멈춤";
        timer = setInterval(() => {
          go(values[id] + Math.ceil(max / 100));
          if (values[id] >= max || !root.isConnected) stop();
        }, 50);
      };
      play.addEventListener("click", () => (timer ? stop() : start()));
      next.addEventListener("click", () => (stop(), go(values[id] >= max ? 0 : values[id] + 1)));
      return {
        row: html("div", { class: "pg-player" }, row, html("div", { class: "pg-buttons" }, play, next)),
        set: (given) => (stop(), set(given)),
        start,
      };
    },
  };

  const mount = (root, name) => {
    const { label, controls, draw, autoplay, live: begin, folded = [] } = known[name];
    const values = {};
    const charts = html("div", { class: "pg-charts" }), key = html("div");
    const summary = html("p", { class: "pg-summary", role: "status" });
    let told, noted;
    const update = () => {
      narrow = root.classList.contains("pg-narrow");
      const picture = draw(values, live);
      charts.replaceChildren(...picture.charts);
      key.replaceChildren(legend(picture.legend));
      made.forEach(({ when, row }) => (row.hidden = when !== undefined && !when(values)));
      // 슬라이더를 끄는 동안은 읽지 않고, 멈추면 한 번 읽는다.
      clearTimeout(told);
      told = setTimeout(() => (summary.textContent = picture.summary), summary.textContent ? 300 : 0);
    };
    const changed = () => (update(), clearTimeout(noted), (noted = setTimeout(note, 300)));
    const made = controls.map((control) => (
      { ...control, ...makers[control.type ?? "range"](control, values, changed, root) }
    ));
    const apply = (state) => {
      const given = new URLSearchParams(state);
      made.forEach(({ id, set }) => given.has(id) && set(given.get(id)));
    };
    apply(root.dataset.start);
    const first = { ...values };
    const live = begin?.({ root, values, update: () => update() }); // 값만으로 정해지지 않는 것: 훈련

    /* 주소에는 처음과 다른 것만 적는다. 책의 자리에만 id가 있다: 주피터랩과 슬라이드의 주소는 놀이터의 것이 아니다. */
    const note = () => {
      const other = new URLSearchParams(Object.entries(values).filter(([id, value]) => value !== first[id]));
      if (!root.id || (!other.size && !location.hash.startsWith(`#${root.id}`))) return;
      history.replaceState(history.state, "", `#${root.id}${other.size ? `?${other}` : ""}`);
    };
    const show = (state) => {
      made.forEach(({ id, set }) => set(first[id]));
      apply(state);
      changed();
      charts.scrollIntoView({ block: "nearest" });
    };

    const rows = (wanted) => made.filter(wanted).map(({ row }) => row);
    const top = rows(({ id, type }) => type === "choice" && !folded.includes(id));
    const rest = rows(({ id, type }) => type !== "choice" && !folded.includes(id));
    const inner = html("div", { class: "pg-folded" }, ...rows(({ id }) => folded.includes(id)));
    const more = folded.length ? [html("details", { class: "pg-more" }, html("summary", {}, "더 정하기"), inner)] : [];
    root.classList.add("playground");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", label);
    const below = [key, summary, html("div", { class: "pg-controls" }, ...rest), ...more, ...(live?.after ?? [])];
    root.replaceChildren(...top, ...(live ? [live.toolbar] : []), charts, ...below);
    // 주피터랩이 방향키를 가로채지 않게 한다.
    root.dataset.lmSuppressShortcuts = "true";
    root.addEventListener("keydown", (event) => event.stopPropagation());
    root.playground = { ...known[name].compute, values, update, show, live };
    mounted.push(root);
    // 숨은 자리(슬라이드)의 너비는 0이다.
    const fit = () => root.classList.toggle("pg-narrow", root.clientWidth > 0 && root.clientWidth < NARROW);
    let fitted = fit();
    update();
    new ResizeObserver(() => fit() !== fitted && ((fitted = !fitted), update())).observe(root);
    if (root.id && follow(location.hash)) return;
    if (autoplay && !calm.matches) made.find(({ start }) => start).start();
  };

  /* 링크 «#놀이터?값=…»은 그 놀이터를 그 값으로 놓는다. 그런 놀이터가 없으면 아무 일도 하지 않는다. */
  const follow = (link) => {
    const [, name, state] = /^#(\w+)\?(.*)$/.exec(link) ?? [];
    const roots = mounted.filter((root) => root.isConnected && root.dataset.playground === name);
    roots.forEach((root) => root.playground.show(state));
    return roots.length > 0;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && !event.ctrlKey && !event.metaKey && follow(link.getAttribute("href"))) event.preventDefault();
  });
  addEventListener("hashchange", () => follow(location.hash));

  const define = (name, definition) => {
    known[name] = definition;
    // 노트북에서는 출력마다 이 파일을 따로 읽는다. 앞의 출력이 움직이고 있으면 건드리지 않는다.
    for (const root of document.querySelectorAll(`[data-playground="${name}"]`)) root.playground ?? mount(root, name);
  };

  return { define, chart, html, random, range, text };
})();
