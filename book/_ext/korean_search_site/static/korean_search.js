/* 한국어 찾기. 찾기 칸에 처음 들어갈 때 색인(korean_search.py가 쓴다)을 읽고, 글자를 칠 때마다 그 안을 찾는다. */
(() => {
  "use strict";

  // ── 낱말 ────────────────────────────────────────────────────────────────────────────────
  const set = (words) => new Set(words.split(" "));
  const AFTER_CONSONANT = set("은 이 을 과 으로 이란 이라는 이라고 이나 이며 이다 인 입니다");
  const AFTER_VOWEL = set("는 가 를 와 란 라는 라고 나 며 다 인 입니다");
  const ALWAYS = set("의 에 에서 에게 로 도 만 까지 부터 처럼 보다 마다 들");
  const VERB = /^([가-힣]{2,}?)(?:하|되|시키|시켜|시킨|한|할|함|해|했|된|될|됨|돼|됐)[가-힣]{0,2}$/;
  const ASKING = set("무엇 뭐 왜 어떻게 어떤 언제 방법 종류 이유 뜻 때 것 법 하는 쓰는 막는 줄이는 고르는 위한 있는 그리고 또는");

  const join = (text) => text.normalize("NFKC").toLowerCase().replace(/[\s_-]+/g, "");

  /* tail이 head에 붙는 조사인가. 받침을 본다: «학습률은», «정확도는». 영어는 읽는 소리를 모르므로 둘 다 받는다. */
  const follows = (head, tail) => {
    const hangul = /[가-힣]$/.test(head);
    const closed = hangul && (head.charCodeAt(head.length - 1) - 0xac00) % 28 > 0;
    return ALWAYS.has(tail) || (AFTER_CONSONANT.has(tail) && (closed || !hangul)) || (AFTER_VOWEL.has(tail) && !closed);
  };

  /* 한 글자의 식. 영어의 크고 작음, l과 ℓ을 가리지 않는다. */
  const letter = (c) => {
    if (/[a-z]/.test(c)) return `[${c}${c.toUpperCase()}${c === "l" ? "ℓ" : ""}]`;
    return c.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
  };

  /* 붙여 쓴 말의 식. 글자 사이를 띄어 쓴 꼴도 찾되 어절의 머리에서만 찾는다(«함수 정의»는 «수정»이 아니다).
     영어는 낱말의 머리에서만 찾는다: «rate»는 generate에 없고, «decay»는 ExponentialDecay에 있다. */
  const pattern = (word) => {
    const all = [...word].map(letter);
    const tail = all.slice(1).map((one) => (all.length > 2 ? "[\\s_-]*" : "_?") + one).join("");
    if (/^[a-z]/.test(word)) {
      const head = word[0].toUpperCase();
      return `(?:(?<![A-Za-z])${all[0]}|(?<=[a-z])${head}|${head}(?=[a-z]))${tail}`;
    }
    return /^\d/.test(word) ? `(?<![\\d.])${all[0]}${tail}` : `${all.join("")}|(?<![가-힣])${all[0]}${tail}`;
  };

  // ── 책 ──────────────────────────────────────────────────────────────────────────────────
  let pages = [];
  let text = "";               // 책 전체: 어떤 말이 책에 있는지 볼 때 쓴다
  const terms = new Map();     // 이름 → 책이 그 개념에 쓰는 용어와 줄인 꼴(1사이클 스케줄링, 1사이클). 모두 붙여 쓴다.
  const known = new Map();     // 식 → 책에 있는가

  const read = (index) => {
    pages = Object.values(index);
    const parts = pages.flatMap((page) => page.sections);
    text = parts.map((part) => `${part.title}\n${part.text}`).join("\n");
    for (const { title, names } of parts.filter((part) => part.names)) {
      const all = [title, ...names].map(join);
      const used = all.filter((name) => all[0].includes(name));
      for (const name of all) terms.set(name, [...(terms.get(name) ?? []), ...used]);
    }
  };

  const has = (source) => {
    if (!known.has(source)) known.set(source, new RegExp(source, "u").test(text));
    return known.get(source);
  };

  const whole = (word) => has([...word].map(letter).join(""));
  const exists = (word) => terms.has(word) || has(pattern(word));

  /* 조사와 어미를 뗀다. «정확도»처럼 용어집에 있는 말은 그대로 둔다.
     한 글자 말에서는 «을/를»만 뗀다: «값을»은 값이지만 «정의»는 정이 아니다. */
  const stem = (word) => {
    if (terms.has(word)) return word;
    for (let at = /[을를]$/.test(word) ? 1 : 2; at < word.length; at++) {
      if (follows(word.slice(0, at), word.slice(at))) return stem(word.slice(0, at));
    }
    return word.match(VERB)?.[1] ?? word;
  };

  /* 책에 없는 붙여 쓴 말을 책에 있는 말들로 나눈다. 나눌 수 없으면 null. */
  const split = (word) => {
    if (exists(word)) return [word];
    for (let at = word.length - 2; at >= 2; at--) {
      const [head, tail] = [word.slice(0, at), stem(word.slice(at))];
      const rest = exists(head) && (ASKING.has(tail) ? [] : split(tail));
      if (rest) return [head, ...rest];
    }
    return null;
  };

  /* 물음을 찾을 말들로. 용어, 책이 붙여 쓰는 말, 한 글자로 떨어진 말은 붙인다: 조기 종료, 가중 치, 스텝 수. */
  const units = (query) => {
    const words = (query.normalize("NFKC").match(/\d+(?:\.\d+)+|[\p{L}\p{N}_]+/gu) ?? []).map(join).filter(Boolean);
    const found = [];
    const missing = [];
    for (let at = 0, size; at < words.length; at += size) {
      for (size = words.length - at; size > 1; size--) {
        const span = words.slice(at, at + size);
        const one = stem(span.join(""));
        if (terms.has(one) || whole(one) || (span.some((word) => word.length === 1) && exists(one))) break;
      }
      const word = stem(words.slice(at, at + size).join(""));
      if (words.length > 1 && size === 1 && (ASKING.has(word) || ASKING.has(words[at]))) continue;
      const parts = split(word);
      if (parts) found.push(...parts);
      else missing.push(words[at]);
    }
    return { found, missing };
  };

  // ── 찾기 ────────────────────────────────────────────────────────────────────────────────
  /* 제목, 용어, 절의 제목, 글의 차례로 값지다. 제목을 많이 차지할수록 값지다. */
  const worth = (part, at, regex) => {
    const inTitle = part.title.match(regex)?.[0].length ?? 0;
    const inText = part.text.match(regex)?.length ?? 0;
    return (inTitle && (at === 0 ? 60 : part.names ? 40 : 20) * (1 + inTitle / part.title.length)) + Math.min(inText, 9);
  };

  const search = (query) => {
    const { found, missing } = units(query);
    const sources = found.map((word) => [...new Set([word, ...(terms.get(word) ?? [])])].map(pattern).join("|"));
    const regexes = sources.map((source) => new RegExp(source, "gu"));
    const name = query.trim();                 // 코드의 이름을 그대로 쳤으면 참고 쪽의 그 이름이 맨 앞이다
    const exact = (part) => (/[_A-Z]/.test(name) && part.title === name ? 1000 : 0);
    const results = pages.map((page) => {
      const points = page.sections.map((part, at) => regexes.map((regex) => worth(part, at, regex)));
      const best = regexes.map((_, unit) => Math.max(...points.map((row) => row[unit])));
      const sums = points.map((row, at) => row.reduce((sum, one) => sum + one, exact(page.sections[at])));
      return {
        page,
        part: page.sections[sums.indexOf(Math.max(...sums))],
        hits: best.filter(Boolean).length,
        score: best.reduce((sum, one) => sum + one, 0) + Math.max(...sums),
      };
    });
    const most = Math.max(1, ...results.map((result) => result.hits)); // 모든 말이 든 쪽, 없으면 가장 많이 든 쪽
    return {
      missing,
      marks: new RegExp(sources.join("|") || "$^", "gu"),
      results: results.filter((result) => result.hits === most).sort((a, b) => b.score - a.score),
    };
  };

  // ── 화면 ────────────────────────────────────────────────────────────────────────────────
  const root = document.documentElement.dataset.content_root ?? "./";
  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const marked = (line, marks) => {
    const pieces = [];
    let end = 0;
    for (const match of line.matchAll(marks)) {
      pieces.push(line.slice(end, match.index), element("mark", { textContent: match[0] }));
      end = match.index + match[0].length;
    }
    return [...pieces, line.slice(end)];
  };

  const excerpt = (part, marks) => {
    const found = part.text.search(marks);
    const near = Math.max(found - 40, 0);
    const start = near && near + part.text.slice(near, found).search(/\s/) + 1; // 낱말의 가운데에서 시작하지 않는다
    const line = part.text.slice(start, start + 160);
    return [start > 0 ? "… " : "", ...marked(line, marks), start + 160 < part.text.length ? " …" : ""];
  };

  const item = ({ page, part }, marks) => {
    const title = page.sections[0].title;
    const heading = part.title === title ? title : `${title} › ${part.title}`;
    const link = element("a", { href: root + page.url + part.anchor }, ...marked(heading, marks));
    link.addEventListener("click", () => {     // 열린 쪽에서 찾은 말을 비춘다(sphinx_highlight.js)
      const words = (`${part.title} ${part.text}`.match(marks) ?? []).join(" ").split(/\s+/);
      localStorage.setItem("sphinx_highlight_terms", [...new Set(words)].join(" "));
    });
    return element("li", {}, link, element("p", { className: "context" }, ...excerpt(part, marks)));
  };

  /* 치는 중인 글자(composing)는 아직 제 꼴이 아니다: «학습ㄹ», «거듭젝». 그것까지 넣어 찾지 못하면 떼고 찾는다. */
  const answer = (query, composing) => {
    const whole = search(query.replace(/[ㄱ-ㅣ]+$/, ""));
    return composing && !whole.results.length ? search(query.slice(0, -1)) : whole;
  };

  const show = (query, composing, status, list) => {
    if (!query.trim()) {
      status.textContent = "";
      list.replaceChildren();
      return;
    }
    const { results, missing, marks } = answer(query, composing);
    const absent = missing.length ? `책에 없는 말: ${missing.join(", ")}. ` : "";
    const count = results.length ? `쪽 ${results.length}개를 찾았다.` : "찾은 쪽이 없다. 다른 말로 찾아 보세요.";
    status.textContent = absent + count;
    list.replaceChildren(...results.map((result) => item(result, marks)));
  };

  const start = () => {
    const dialog = document.getElementById("pst-search-dialog");
    const page = document.getElementById("search-results");         // 찾기 쪽
    const place = page ?? dialog?.appendChild(element("section", { id: "search-results", className: "empty" }));
    const input = place?.parentElement.querySelector("input[name=q]");
    if (!input) return;
    const status = element("p", { className: "search-summary", role: "status" });
    const list = element("ul", { className: "search" });
    place.append(status, list);

    let composing = false;
    const update = (event) => {
      composing = event ? event.isComposing : composing;
      place.classList.toggle("empty", !input.value.trim());
      if (pages.length) show(input.value, composing, status, list);
    };
    const load = () => {
      if (load.done) return;
      load.done = true;
      const script = element("script", { src: `${root}korean_search_index.js` });
      script.addEventListener("load", () => {
        read(window.koreanSearchIndex);
        update();
      });
      script.addEventListener("error", () => {
        status.textContent = "찾기 색인을 읽지 못했다. 이 쪽을 다시 열어 보세요.";
      });
      document.head.append(script);
    };
    input.addEventListener("focus", load);
    input.addEventListener("input", update);
    input.addEventListener("compositionend", update);
    if (page) {
      if (typeof Search !== "undefined") Search.performSearch = () => {};   // 스핑크스의 찾기를 갈음한다
      input.form.addEventListener("submit", (event) => event.preventDefault());
      input.addEventListener("input", () => history.replaceState(null, "", `?q=${encodeURIComponent(input.value)}`));
      input.value = new URLSearchParams(location.search).get("q") ?? "";
      load();
    }
  };

  start();
})();
