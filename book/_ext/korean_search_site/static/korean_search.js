/* 한국어 찾기. 찾기 칸에 처음 들어갈 때 색인(korean_search.py가 쓴다)을 읽고, 글자를 칠 때마다 그 안을 찾는다. */
(() => {
  "use strict";

  // ── 낱말 ────────────────────────────────────────────────────────────────────────────────
  const set = (words) => new Set(words.split(" "));
  const AFTER_CONSONANT = set("은 이 을 과 으로 이란 이라는 이라고 이나 이며 이다 인 입니다");
  const AFTER_VOWEL = set("는 가 를 와 란 라는 라고 나 며 다 인 입니다");
  const ALWAYS = set("의 에 에서 에게 로 도 만 까지 부터 처럼 보다 마다 들");
  const VERB = /^([가-힣]{2,}?)(?:하|되|시키|시켜|시킨|한|할|함|해|했|된|될|됨|돼|됐)[가-힣]{0,2}$/;
  const QUESTION = set("무엇 무엇을 뭐 왜 어떻게 어떤 어느 언제 얼마 얼마로 얼마나 몇 않으면");
  const ASKING = new Set([...QUESTION, ...set("방법 종류 이유 뜻 때 것 법 하는 쓰는 막는 줄이는 고르는 위한 있는 그리고 또는 해야 하나 되나 하나요 되나요 할까 될까 더 잘 먼저 가운데 대신")]);
  /* 물음의 풀이말. 책은 같은 말을 다른 꼴로 쓰므로 없어도 되고, 있으면 앞에 둔다: «막으려면», «고르나요». */
  const VERB_OF_QUESTION = /^([가-힣]+?)(?:으려면|려면|으면|하면|되면|지면|을까요?|할까요?|될까요?|나요|인가요?|는가요?|은가요?|하나|되나|나|어도|는지|은지|인지|을지|할지|어야|아야)$/;
  const FORMULA = set("식 식은 식을 공식 공식은 공식을 수식 수식은 수식을");
  const NUMBERED = /^(그림|표)\d+$/;
  const LETTERS = "알파 α alpha,베타 β beta,감마 γ gamma,델타 δ delta,엡실론 ε epsilon,에타 η eta,세타 θ theta,람다 λ lambda,뮤 μ mu,시그마 σ sigma,엘 ℓ ell";

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
    if (NUMBERED.test(word)) return `${word.replace(/\d/, "\\s?$&")}(?!\\d)`;
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
  let tokens = [];             // 책의 어절과 영어 낱말
  const named = new Set();     // 제목과 용어에 있는 말
  const known = new Map();     // 식 → 책에 있는가

  const read = (index) => {
    pages = Object.values(index);
    const parts = pages.flatMap((page) => page.sections);
    text = pages.map((page) => page.part).concat(parts.map((part) => `${part.title}\n${part.text}\n${part.rest}`)).join("\n");
    for (const { title, names } of parts.filter((part) => part.names)) {
      const all = [title, ...names].map(join);
      const used = all.filter((name) => all[0].includes(name));
      for (const name of all) terms.set(name, [...(terms.get(name) ?? []), ...used]);
    }
    const tokenize = (line) => line.normalize("NFKC").toLowerCase().match(/[가-힣]{2,}|[a-z]{4,}/g) ?? [];
    tokens = [...new Set(tokenize(text)), ...terms.keys()];
    parts.flatMap((part) => tokenize(part.title)).forEach((token) => named.add(token).add(stem(token)));
    [...terms.keys()].forEach((name) => named.add(name));
    for (const names of LETTERS.split(",").map((one) => one.split(" "))) {
      if (text.includes(names[1])) names.forEach((name) => terms.set(name, [...(terms.get(name) ?? []), ...names]));
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

  /* 책에 없는 붙여 쓴 말을 책에 있는 말들로 나눈다. 나눌 수 없으면 null. 영어 낱말의 가운데는 나누지 않는다. */
  const split = (word) => {
    if (exists(word)) return [word];
    if (NUMBERED.test(word)) return null;
    for (let at = word.length - 2; at >= 2; at--) {
      if (/[a-z]{2}/.test(word.slice(at - 1, at + 1))) continue;
      const [head, tail] = [word.slice(0, at), stem(word.slice(at))];
      const rest = exists(head) && (ASKING.has(tail) ? [] : split(tail));
      if (rest) return [head, ...rest];
    }
    return null;
  };

  // ── 잘못 친 말 ──────────────────────────────────────────────────────────────────────────
  const INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
  const VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ";
  const FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ";
  const DOUBLES = "ㅗㅏㅘ ㅗㅐㅙ ㅗㅣㅚ ㅜㅓㅝ ㅜㅔㅞ ㅜㅣㅟ ㅡㅣㅢ ㄱㅅㄳ ㄴㅈㄵ ㄴㅎㄶ ㄹㄱㄺ ㄹㅁㄻ ㄹㅂㄼ ㄹㅅㄽ ㄹㅌㄾ ㄹㅍㄿ ㄹㅎㅀ ㅂㅅㅄ".split(" ");
  const KEYS = "qwertyuiopasdfghjklzxcvbnmQWERTOP";
  const JAMO = "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ";

  const SWITCHED = /^(?:[가-힣0-9 ]{2,}|[a-z_ ]{4,})$/; // 우연히 말이 되기 쉬운 짧은 것은 뺀다

  /* 글쇠를 바꾸지 않고 영어로 친 한글: gkrtmqfbf → 학습률. */
  const toHangul = (query) => {
    let jamo = [...query].map((c) => JAMO[KEYS.indexOf(c)] ?? JAMO[KEYS.indexOf(c.toLowerCase())] ?? c).join("");
    for (const [one, two, both] of DOUBLES.filter((one) => VOWELS.includes(one[2]))) jamo = jamo.replaceAll(one + two, both);
    return jamo.replace(/([ㄱ-ㅎ])([ㅏ-ㅣ])(?:([ㄱ-ㅎ]{1,2})(?![ㅏ-ㅣ])|([ㄱ-ㅎ])(?=[ㄱ-ㅎ][ㅏ-ㅣ]))?/g, (_, initial, vowel, end = "", before = "") => {
      const last = end + before;
      const final = DOUBLES.find((one) => one.startsWith(last) && last.length === 2)?.[2] ?? last[0] ?? " ";
      const made = String.fromCharCode(0xac00 + (INITIALS.indexOf(initial) * 21 + VOWELS.indexOf(vowel)) * 28 + FINALS.indexOf(final));
      return made + (last.length === 2 && final === last[0] ? last[1] : "");
    });
  };

  /* 한글로 친 영어: ㅡㅐㅡ두셔ㅡ → momentum. */
  const toEnglish = (query) => [...query].map((c) => {
    const at = c.charCodeAt(0) - 0xac00;
    const parts = at < 0 || at > 11171 ? [c] : [INITIALS[Math.floor(at / 588)], VOWELS[Math.floor(at / 28) % 21], FINALS[at % 28].trim()];
    const single = parts.flatMap((one) => [...(DOUBLES.find((double) => double[2] === one)?.slice(0, 2) ?? one)]);
    return single.map((one) => KEYS[JAMO.indexOf(one)] ?? one).join("");
  }).join("");

  /* 외래어를 적는 다른 버릇: ㅈ, ㅉ, ㅊ 뒤의 ㅑ, ㅕ, ㅛ, ㅠ를 ㅏ, ㅓ, ㅗ, ㅜ로 읽는다. */
  const loanword = (word) => word.normalize("NFD")
    .replace(/([ᄌᄍᄎ])([ᅣᅧᅭᅲ])/g, (_, initial, vowel) => initial + { ᅣ: "ᅡ", ᅧ: "ᅥ", ᅭ: "ᅩ", ᅲ: "ᅮ" }[vowel]).normalize("NFC");

  /* 고쳐야 할 글자의 수(자리바꿈도 하나). most를 넘으면 그만둔다. */
  const distance = (a, b, most) => {
    if (Math.abs(a.length - b.length) > most) return most + 1;
    let [before, row] = [[], [...Array(b.length + 1).keys()]];
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j], before[j - 2] + 1);
      }
      if (Math.min(...next) > most) return most + 1;
      [before, row] = [row, next];
    }
    return row[b.length];
  };

  /* 책에 없는 말과 가장 비슷한 책의 말. 짧은 말은 우연히 비슷하기 쉬우므로 제목과 용어에서만 찾는다. */
  const similar = (word) => {
    const spelled = loanword(word);
    if (spelled !== word && exists(spelled)) return spelled;
    if (!/^(?:[가-힣]{2,}|[a-z]{5,})$/.test(word)) return null;
    const hangul = /[가-힣]/.test(word);
    const jamo = [...word.normalize("NFD")];
    const most = word.length >= (hangul ? 4 : 8) ? 2 : 1;
    const near = (token) => token[0] === word[0] || token[1] === word[1] || token[0] === word[1] || token[1] === word[0];
    let best = null;
    const tryOut = (known, named) => {
      const edits = distance(jamo, [...known.normalize("NFD")], most);
      if (edits > most) return;
      const far = edits - (word.startsWith(known) ? 1.5 : 0) - (named ? 0.5 : 0); // 끝에 덧붙인 글자: 텐서플로우
      if (!best || far < best.far) best = { known, far };
    };
    for (const token of tokens) {
      if (!near(token) || /[a-z]/.test(token) === hangul) continue;
      for (const known of new Set([token, stem(token)])) {
        if (named.has(known) || word.length >= (hangul ? 3 : 8)) tryOut(known, named.has(known));
      }
    }
    return best?.known;
  };

  /* 물음을 찾을 말들로. 용어, 책이 붙여 쓰는 말, 한 글자로 떨어진 말은 붙인다: 조기 종료, 가중 치, 스텝 수. */
  const units = (query) => {
    const all = (query.normalize("NFKC").match(/\d+(?:\.\d+)+|[\p{L}\p{N}_]+/gu) ?? []).map(join).filter(Boolean);
    const plain = all.filter((word) => !FORMULA.has(word));
    const words = plain.length ? plain : all;
    const found = [];                          // 모두 있어야 하는 말
    const extra = [];                          // 있으면 앞에 두는 말
    const missing = [];
    const guesses = [];
    for (let at = 0, size; at < words.length; at += size) {
      const next = words.findIndex((word, place) => place >= at && ASKING.has(word)); // 묻는 말은 붙이지 않는다
      for (size = Math.max((next < 0 ? words.length : next) - at, 1); size > 1; size--) {
        const span = words.slice(at, at + size);
        const one = stem(span.join(""));
        if (terms.has(one) || NUMBERED.test(one) || whole(one) || (span.some((word) => word.length === 1) && exists(one))) break;
      }
      const word = stem(words.slice(at, at + size).join(""));
      if (words.length > 1 && size === 1 && (ASKING.has(word) || ASKING.has(words[at]))) continue;
      const root = words.length > 1 && !terms.has(word) ? words[at].match(VERB_OF_QUESTION)?.[1] : null;
      if (root && size === 1) {
        if (root.length > 1 && exists(root)) (named.has(root) ? found : extra).push(root);
        continue;
      }
      const parts = split(word);
      if (parts) found.push(...parts);
      else {
        missing.push(words.slice(at, at + size).join(" "));
        const guess = similar(word);
        if (guess) guesses.push(guess);
      }
    }
    // 물음에서는 제목과 용어에 있는 말만 꼭 있어야 한다. 그런 말이 없으면 모두 있어야 한다.
    const asked = words.length > 1 && (extra.length || words.some((word) => QUESTION.has(word) || (VERB_OF_QUESTION.test(word) && !ASKING.has(word))));
    const subjects = asked ? found.filter((word) => named.has(word)) : found;
    const needed = [subjects, found, extra].find((some) => some.length) ?? [];
    extra.push(...found.filter((word) => !needed.includes(word)));
    return { found: needed, extra, missing, guesses, formula: plain.length < all.length };
  };

  // ── 찾기 ────────────────────────────────────────────────────────────────────────────────
  /* 제목, 용어, 절의 제목, 글의 차례로 값지다. 제목을 많이 차지할수록 값지다. */
  const worth = (part, at, regex) => {
    const inTitle = part.title.match(regex)?.[0].length ?? 0;
    const inText = Math.min(part.text.match(regex)?.length ?? 0, 9) + CODE * Math.min(part.rest.match(regex)?.length ?? 0, 9);
    return (inTitle && (at === 0 ? 60 : part.names ? 40 : 20) * (1 + inTitle / part.title.length)) + inText;
  };
  const CODE = 0.3;                            // 글이 아니라 코드나 출력에 든 말의 값
  const PART = 50;                             // 부의 제목에 든 말
  const EXTRA = 40;                            // 없어도 되는 말이 같은 절에 나온 값
  const PHRASE = 300;                          // 친 글이 그대로 나온 쪽의 값

  const search = (query) => {
    const { found, extra, missing, guesses, formula } = units(query);
    const source = (word) => {
      const spellings = [...new Set([word, loanword(word)])];
      return [...new Set([...spellings, ...spellings.flatMap((one) => terms.get(one) ?? [])])].map(pattern).join("|");
    };
    const needed = [...found, ...guesses];
    const sources = needed.map(source);
    const regexes = sources.map((source) => new RegExp(source, "gu"));
    const extras = extra.map((word) => new RegExp(source(word), "gu"));
    const name = query.trim();                 // 코드의 이름을 그대로 쳤으면 참고 쪽의 그 이름이 맨 앞이다
    const exact = (part) => (/[_A-Z]/.test(name) && part.title === name ? 1000 : 0);
    const phrase = /\S\s+\S/.test(name) && !terms.has(join(name)) && join(name).length > 5 ? new RegExp(pattern(join(name)), "u") : null;
    const results = pages.map((page) => {
      const points = page.sections.map((part, at) => regexes.map((regex) => worth(part, at, regex)));
      const best = regexes.map((_, unit) => Math.max(...points.map((row) => row[unit])));
      const bonus = (part) => {
        const near = extras.filter((regex) => `${part.title} ${part.text}`.search(regex) >= 0).length;
        return exact(part) + EXTRA * near;
      };
      const said = page.sections.map((part) => Boolean(phrase?.test(`${part.title}\n${part.text}`)));
      const sums = points.map((row, at) => row.reduce((sum, one) => sum + one, bonus(page.sections[at])));
      const inPart = regexes.filter((regex) => page.part.search(regex) >= 0).length;
      const shown = sums.map((sum, at) => sum + (formula && page.sections[at].formula ? 1000 : 0) + (said[at] ? PHRASE : 0));
      return {
        page,
        part: page.sections[shown.indexOf(Math.max(...shown))],
        hits: best.filter(Boolean).length,
        score: best.reduce((sum, one) => sum + one, PART * inPart + (said.includes(true) ? PHRASE : 0)) + Math.max(...sums),
      };
    });
    const most = Math.max(1, ...results.map((result) => result.hits)); // 모든 말이 든 쪽, 없으면 가장 많이 든 쪽
    return {
      missing,
      guesses,
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
    const code = found < 0 && part.title.search(marks) < 0 && part.rest.split("\n").find((line) => line.search(marks) >= 0);
    if (code) return marked(code.slice(0, 160), marks);        // 글에는 없고 코드나 출력에만 있다
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
      const words = (`${part.title} ${part.text} ${part.rest}`.match(marks) ?? []).join(" ").split(/\s+/);
      localStorage.setItem("sphinx_highlight_terms", [...new Set(words)].join(" "));
    });
    return element("li", {}, link, element("p", { className: "context" }, ...excerpt(part, marks)));
  };

  /* 치는 중인 글자(composing)는 아직 제 꼴이 아니다: «학습ㄹ», «거듭젝». 그것까지 넣어 찾지 못하면 떼고 찾는다. */
  const answer = (query, composing) => {
    const whole = search(query.replace(/[ㄱ-ㅣ]+$/, ""));
    if (whole.results.length) return whole;
    if (composing) return search(query.slice(0, -1));
    for (const switched of [toHangul(query), toEnglish(query)].filter((one) => SWITCHED.test(one))) {
      const other = search(switched);
      if (other.results.length && !other.missing.length) return { ...other, missing: [query.trim()], guesses: [switched.trim()] };
    }
    return whole;
  };

  const show = (query, composing, status, list) => {
    if (!query.trim()) {
      status.textContent = "";
      list.replaceChildren();
      return;
    }
    const { results, missing, guesses, marks } = answer(query, composing);
    const absent = (missing.length ? `책에 없는 말: ${missing.join(", ")}. ` : "")
      + (guesses.length ? `비슷한 말로 찾았다: ${guesses.join(", ")}. ` : "");
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
